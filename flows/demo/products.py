"""The products of the sample estate: which software an installation runs."""

SQL, MARIADB = "qlkntc_sql", "qlkntc_mariadb"
REST = "kntc_rest"
CSV, XLSX, TCD = "so_don_thu_csv", "so_don_thu_tinh", "so_tiep_cong_dan"
UNITS, REPORTS = "danh_muc_don_vi", "bao_cao_thong_ke"

ALL = (SQL, MARIADB, REST, CSV, XLSX, TCD, UNITS, REPORTS)
TABLES = (SQL, MARIADB)  # databases behind ODBC
CASES = (SQL, MARIADB, REST)  # they keep cases, not only a register
WIDE = (SQL, MARIADB, REST, CSV)  # more of a petition than a register's ten columns
PETITIONS = (SQL, MARIADB, REST, CSV, XLSX)
RECEPTIONS = (SQL, MARIADB, REST, TCD)
FILES = (CSV, XLSX, TCD, UNITS, REPORTS)
WITHOUT_CURSOR = FILES
