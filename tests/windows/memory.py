"""What the web processes of an application hold: their memory, and the files that they and the application wrote; how
much memory its processes take, and when they began."""

import os
import pathlib
import time

PAGE = os.sysconf("SC_PAGE_SIZE")
PIECE = 1 << 22


def processes(ancestor):
    """The processes below a process: {pid: (name, parent)}."""
    parents, names = {}, {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        pid = int(entry.name)
        names[pid] = stat[stat.index("(") + 1:stat.rindex(")")]
        parents[pid] = int(stat[stat.rindex(")") + 2:].split()[1])
    def below(pid):
        while pid in parents:
            if parents[pid] == ancestor:
                return True
            pid = parents[pid]
        return False
    return {pid: (name, parents[pid]) for pid, name in names.items() if below(pid)}


def web_processes(ancestor):
    """The web and network processes below a process: {pid: name}."""
    names = {pid: name for pid, (name, _) in processes(ancestor).items()}
    return {pid: name for pid, name in names.items() if name.startswith("WebKit") and "Driver" not in name}


def share(pids):
    """How much memory processes take, in bytes: what they share with others counts by the part."""
    kibibytes = 0
    for pid in pids:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                kibibytes += int(line.split()[1])
    return kibibytes << 10


def started(pid):
    """When a process began, in seconds of the clock on the wall; the system counts in hundredths."""
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    ticks = int(stat[stat.rindex(")") + 2:].split()[19])
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    return booted + ticks / os.sysconf("SC_CLK_TCK")


def present(pid, start, end):
    """The parts of a mapping that are in memory, or were moved out of it."""
    run = None
    with open(f"/proc/{pid}/pagemap", "rb") as pages:
        for at in range(start, end, PAGE << 15):
            count = min((end - at) // PAGE, 1 << 15)
            pages.seek(at // PAGE * 8)
            said = pages.read(count * 8)
            # Mostly nothing is there: web processes reserve far more than they use.
            if said.count(0) == len(said):
                flags = ()
                if run is not None:
                    yield run, at
                    run = None
            else:
                flags = said[7::8]
            for number, flag in enumerate(flags):
                here = at + number * PAGE
                if flag & 0xC0 and run is None:
                    run = here
                elif not flag & 0xC0 and run is not None:
                    yield run, here
                    run = None
    if run is not None:
        yield run, end


def scan_memory(pid, needles):
    """Which needles a process holds in any memory that it can read, and how many bytes were looked at."""
    found, looked = set(), 0
    longest = max(len(needle) for needle in needles)
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps.read().splitlines():
            place, rights, *_ = line.split(maxsplit=5)
            if "r" not in rights or line.endswith(("[vvar]", "[vsyscall]", "[vvar_vclock]")):
                continue
            start, end = (int(each, 16) for each in place.split("-"))
            for first, last in present(pid, start, end):
                for at in range(first, last, PIECE):
                    memory.seek(at)
                    try:
                        piece = memory.read(min(PIECE + longest, last - at))
                    except OSError:  # given back to the system meanwhile
                        continue
                    looked += min(len(piece), PIECE)
                    found.update(needle for needle in needles if needle in piece)
    return found, looked


def scan_files(folders, needles):
    """Which needles stand in any file below these folders, and how many files were looked at."""
    found, looked = {}, 0
    for folder in folders:
        for path in pathlib.Path(folder).rglob("*"):
            if not path.is_file() or path.is_symlink():
                continue
            looked += 1
            content = path.read_bytes()
            found.update((needle, path) for needle in needles if needle in content)
    return found, looked


def forms(text):
    """How a text may stand in memory: letter by letter, and as web engines keep texts that are not Latin."""
    return {text.encode("ascii"), text.encode("utf-16-le")}
