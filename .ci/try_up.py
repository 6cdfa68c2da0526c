"""Does the first command of the README do what it says: start, answer, stop and leave nothing behind?"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

PATIENCE = 240
ADDRESS = re.compile(r"answers at (http://\S+)")


def main() -> int:
    """Start the product in an empty folder, ask for its first page, stop it; 0 when all went well."""
    with tempfile.TemporaryDirectory(prefix="countinghouse-up.") as folder:
        product = subprocess.Popen(
            [sys.executable, "dev.py", "up", "--port", "8400"],
            env={**os.environ, "COUNTINGHOUSE_VAR": folder, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        watchdog = threading.Timer(PATIENCE, product.kill)
        watchdog.start()
        try:
            address = wait_for_address(product)
            if not address:
                print("It ended, or was ended after a while, without an address.")
                return 1
            status = urllib.request.urlopen(address, timeout=30).status  # noqa: S310  our own loopback address
            return judge(product, status)
        finally:
            product.kill()
            watchdog.cancel()


def wait_for_address(product: subprocess.Popen[str]) -> str:
    """Read what the product says until it prints its address; empty when it ends before."""
    for line in product.stdout or ():
        print(line, end="", flush=True)
        if match := ADDRESS.search(line):
            return match[1]
    return ""


def judge(product: subprocess.Popen[str], status: int) -> int:
    """Stop the product as Ctrl-C does; complain about a bad page, a bad exit or a program left running."""
    time.sleep(1)
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(product.pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    product.send_signal(signal.SIGINT)
    rest, _ = product.communicate(timeout=PATIENCE)
    print(rest)
    left = [pid for pid in children if os.path.exists(f"/proc/{pid}")]
    print(f"first page: {status}; exit code: {product.returncode}; left running: {left or 'nothing'}")
    return 0 if status == 200 and product.returncode == 0 and len(children) >= 3 and not left else 1


if __name__ == "__main__":
    sys.exit(main())
