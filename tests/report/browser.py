"""A headless Chromium, spoken to over its own pipe: no library, no port, no network."""

import base64
import json
import os
import shutil
import subprocess
from collections import deque

from tests.prerequisites import missing

ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--remote-debugging-pipe",
)  # fmt: skip
READY = "document.documentElement.dataset.ready === 'yes'"
FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
KEYS = {
    "Enter": 13,
    "ArrowUp": 38,
    "ArrowDown": 40,
    "ArrowLeft": 37,
    "ArrowRight": 39,
    "End": 35,
}


class Browser:
    """One page at a time; `trouble` is what the browser complains of, `asked` what it loads."""

    def __init__(self, profile):
        program = shutil.which("chromium")
        if program is None:
            missing("chromium: apt-get install chromium")
        theirs, self._write = os.pipe()
        self._read, theirs_too = os.pipe()
        self._process = subprocess.Popen(  # noqa: S603
            [program, *ARGUMENTS, f"--user-data-dir={profile}"],
            stderr=subprocess.DEVNULL,
            pass_fds=(3, 4),
            preexec_fn=lambda: (os.dup2(theirs, 3), os.dup2(theirs_too, 4)),
        )
        os.close(theirs)
        os.close(theirs_too)
        self._number, self._pending, self._events = 0, b"", deque()
        self._session = None
        self.trouble, self.asked = [], []
        target = self("Target.createTarget", url="about:blank")["targetId"]
        self._session = self("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self(f"{domain}.enable")

    def close(self):
        self._session = None
        self("Browser.close")
        self._process.wait()
        os.close(self._write)
        os.close(self._read)

    def __call__(self, method, **parameters):
        """Call a method of the DevTools protocol, and return what it answers."""
        self._number += 1
        request = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            request["sessionId"] = self._session
        os.write(self._write, json.dumps(request).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            self._note(answer)
        assert "error" not in answer, f"{method}: {answer}"
        return answer["result"]

    def _next(self):
        while b"\0" not in self._pending:
            octets = os.read(self._read, 1 << 20)
            assert octets, "the browser has gone"
            self._pending += octets
        line, _, self._pending = self._pending.partition(b"\0")
        return json.loads(line)

    def _note(self, event):
        parameters = event.get("params", {})
        match event.get("method"):
            case "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Log.entryAdded":
                self.trouble.append(parameters)
            case "Network.requestWillBeSent":
                self.asked.append(parameters["request"]["url"].partition("#")[0])
            case _:
                pass

    # What a person does.

    def open(self, url, *, width=1440, height=900, dark=False):
        self.trouble, self.asked = [], []
        self("Emulation.setDeviceMetricsOverride", width=width, height=height,
             deviceScaleFactor=1, mobile=False)  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self("Emulation.setEmulatedMedia", features=[scheme])
        self("Page.navigate", url="about:blank")
        self("Page.navigate", url=url)
        self.wait(f"document.readyState === 'complete' && ({READY})")
        self.frames()

    def wait(self, condition):
        """Wait until something is so, some seconds at most."""
        for _ in range(600):
            if self.ask(condition):
                return
            self.frames()
        raise AssertionError(f"never so: {condition}")

    def ask(self, expression):
        """Return what an expression is worth in the page."""
        answer = self("Runtime.evaluate", expression=expression, returnByValue=True,
                      awaitPromise=True)  # fmt: skip
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def frames(self):
        """Wait until the page has drawn twice."""
        self.ask(FRAMES)

    def texts(self, selector):
        quoted = json.dumps(selector)
        return self.ask(f"[...document.querySelectorAll({quoted})].map(n => n.textContent)")

    def text(self, selector):
        return self.texts(selector)[0]

    def count(self, selector):
        return self.ask(f"document.querySelectorAll({json.dumps(selector)}).length")

    def place(self, selector):
        quoted = json.dumps(selector)
        box = f"document.querySelector({quoted}).getBoundingClientRect()"
        return self.ask(f"(b => ({{x: b.x + b.width / 2, y: b.y + b.height / 2}}))({box})")

    def move(self, selector):
        self("Input.dispatchMouseEvent", type="mouseMoved", **self.place(selector))
        self.frames()

    def click(self, selector):
        place = self.place(selector)
        for kind in ("mousePressed", "mouseReleased"):
            self("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)
        self.frames()

    def press(self, key):
        code = KEYS.get(key, ord(key[0].upper()))
        text = {"text": key} if len(key) == 1 else {}
        for kind in ("keyDown", "keyUp"):
            self(
                "Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **text
            )
        self.frames()

    def type(self, text):
        self("Input.insertText", text=text)
        self.frames()

    def picture(self, path):
        octets = self("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(octets))
