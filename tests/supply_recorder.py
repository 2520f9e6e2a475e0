"""Run commands of the command line, one after the other, and note what each asks of the operating system.

`python supply_recorder.py RECORD` reads jobs as JSON from standard input, `{"name": …, "arguments": […]}` or
`{"name": …, "source": "…"}`, and writes to RECORD the exit status of each and what it did: events of
`sys.addaudithook` that start programs, reach a network or change files, with their paths.
"""

import json
import os
import sys
from pathlib import Path

FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.startfile",
             "pty.", "ctypes.", "pickle.", "http.", "urllib.", "ftplib.", "smtplib.", "poplib.", "imaplib.", "nntplib.",
             "telnetlib.", "webbrowser.", "code.", "os.kill", "os.putenv", "os.unsetenv")  # fmt: skip
PATHS = {"os.rename": 2, "os.link": 2, "os.symlink": 2, "os.remove": 1, "os.rmdir": 1, "os.mkdir": 1, "os.chmod": 1,
         "os.chown": 1, "os.truncate": 1, "os.utime": 1, "os.setxattr": 1, "os.removexattr": 1, "os.chflags": 1,
         "shutil.rmtree": 1, "shutil.move": 2, "shutil.copyfile": 2, "shutil.copymode": 2, "shutil.copystat": 2,
         "shutil.make_archive": 1, "shutil.unpack_archive": 2}  # fmt: skip
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

events: dict[str, list[list[str]]] = {}  # by job
statuses: dict[str, object] = {}
job = "start"


def note(event: str, arguments: tuple[object, ...]) -> None:
    """Note an event that a command has no business with, or whose paths are to be looked at."""
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        if isinstance(arguments[2], int) and arguments[2] & WRITES:
            add(event, arguments[:1])
    elif event in PATHS:
        add(event, arguments[: PATHS[event]])
    elif event.startswith(FORBIDDEN):
        add(event, ())


def add(event: str, paths: tuple[object, ...]) -> None:
    if job:
        events.setdefault(job, []).append([event, *map(full_name, paths)])


def full_name(path: object) -> str:
    """Name a file from the root; links are not followed."""
    if isinstance(path, (str, bytes, os.PathLike)):
        return os.path.normpath(Path.cwd() / os.fsdecode(path))
    return repr(path)  # a descriptor: whatever opened it was noted


def run(wanted: dict[str, object]) -> object:
    """Run the command line, or a source that shows what the recorder sees; give the exit status."""
    if "source" in wanted:
        exec(str(wanted["source"]), {})
        return 0
    from policyeval.cli import main

    return main(wanted["arguments"])


def finish() -> None:
    """Write what was noted until the interpreter's end."""
    global job
    job = ""
    with Path(sys.argv[1]).open("w", encoding="utf-8") as file:
        json.dump({"events": events, "statuses": statuses}, file)


if __name__ == "__main__":
    import atexit

    wanted = json.load(sys.stdin)
    sys.addaudithook(note)
    atexit.register(finish)  # before anything that the package registers: it runs last
    for one in wanted:
        job = one["name"]
        statuses[job] = run(one)
    job = "end"
