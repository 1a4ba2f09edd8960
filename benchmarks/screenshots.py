"""Pictures of the Prefect UI: runs, the night, its artifact, the parameter form.

    python benchmarks/screenshots.py http://127.0.0.1:4200 FOLDER

Wants a server with a night in it (`kntc demo --stay`) and Debian's chromium. The run
form needs the deployments of `kntc serve`.
"""

import json
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

CHROMIUM = "chromium"
SIZE = "1400,1200"
WAIT_MS = 20_000  # the UI is a single page that asks the server many times


def ask(ui: str, path: str, body: dict[str, object]) -> list[dict[str, str]]:
    """The API's answer to a filter."""
    request = urllib.request.Request(
        f"{ui}/api/{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as reply:
        found: list[dict[str, str]] = json.load(reply)
    return found


def pages(ui: str) -> dict[str, str]:
    """File name -> address of what is worth a picture."""
    runs = ask(ui, "flow_runs/filter", {"sort": "START_TIME_DESC", "limit": 20})
    nights = [run["id"] for run in runs if run["name"].endswith(" night")]
    artifacts = ask(ui, "artifacts/latest/filter", {"limit": 100})
    found = {"runs": "/runs", "artifacts": "/artifacts"}
    if nights:
        found["night"] = f"/runs/flow-run/{nights[0]}"
    for artifact in artifacts:
        if artifact["key"] == "night":
            found["artifact"] = f"/artifacts/artifact/{artifact['latest_id']}"
        elif artifact["key"].startswith("office-"):
            found.setdefault("office", f"/artifacts/artifact/{artifact['latest_id']}")
    for deployment in ask(ui, "deployments/filter", {}):
        form = f"/deployments/deployment/{deployment['id']}/run"
        found[f"form-{deployment['name']}"] = form
    return found


def take(address: str, target: Path) -> None:
    """One picture, in a browser of its own."""
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                CHROMIUM,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--hide-scrollbars",
                f"--user-data-dir={profile}",
                f"--window-size={SIZE}",
                "--force-prefers-reduced-motion",
                "--run-all-compositor-stages-before-draw",
                f"--virtual-time-budget={WAIT_MS}",
                f"--screenshot={target}",
                address,
            ],
            check=True,
            timeout=120,
            stderr=subprocess.DEVNULL,
        )


def main() -> None:
    """Take all pictures into the folder."""
    ui, folder = sys.argv[1].rstrip("/"), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in pages(ui).items():
        take(ui + path, folder / f"{name}.png")
        print(folder / f"{name}.png")


if __name__ == "__main__":
    main()
