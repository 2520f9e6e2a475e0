"""Who makes the inputs? Atheris, led by the coverage of the package; where it has no wheel, Hypothesis."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.seeds import LONGEST, WORDS, seeds

SLOWEST = 10  # seconds for one input
MEMORY = 1024  # megabytes


def with_atheris(name: str, seconds: int, found: Path) -> None:
    """Fuzz one target; libFuzzer ends the process itself, with another status than 0 when it found something."""
    import atheris

    with atheris.instrument_imports(include=["policyeval"]):
        from tests.fuzz.targets import TARGETS, run

    with tempfile.TemporaryDirectory() as folder:
        corpus, words = Path(folder, "corpus"), Path(folder, "words")
        corpus.mkdir()
        for index, seed in enumerate(seeds(name)):
            (corpus / f"{index:04}").write_bytes(seed)
        words.write_text("".join(f'"{_quoted(word)}"\n' for word in WORDS), encoding="ascii")
        options = [
            f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-timeout={SLOWEST}", f"-rss_limit_mb={MEMORY}",
            f"-dict={words}", f"-artifact_prefix={found}/{name}-", "-print_final_stats=1", "-verbosity=0",
        ]  # fmt: skip
        atheris.Setup([sys.argv[0], *options, str(corpus)], lambda data: run(TARGETS[name], data))
        atheris.Fuzz()


def _quoted(word: str) -> str:
    """Write a word as libFuzzer's dictionaries have it."""
    return "".join(f"\\x{byte:02x}" for byte in word.encode("latin-1"))


def with_hypothesis(name: str, seconds: int, found: Path) -> None:
    """Fuzz one target with texts joined of seeds, words and noise; say as libFuzzer does how many they were."""
    from hypothesis import HealthCheck, Phase, given, settings

    from tests.fuzz.targets import TARGETS, run

    started, last, inputs = time.monotonic(), b"", 0

    @settings(database=None, deadline=None, max_examples=500, phases=(Phase.generate, Phase.shrink),
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(_inputs(name))
    def search(data: bytes) -> None:
        nonlocal last, inputs
        last, inputs = data, inputs + 1
        begun = time.monotonic()
        run(TARGETS[name], data)
        assert time.monotonic() - begun < SLOWEST

    try:
        while time.monotonic() - started < seconds:
            search()
    except Exception:
        (found / f"{name}-crash-hypothesis").write_bytes(last)
        raise
    finally:
        print(f"stat::number_of_executed_units: {inputs}", file=sys.stderr)


def _inputs(name: str):  # type: ignore[no-untyped-def]  # a strategy of bytes
    from hypothesis import strategies as st

    given = list(seeds(name)) or [b""]
    words = st.sampled_from([word.encode("latin-1") for word in WORDS])
    noise = st.one_of(
        words, st.binary(max_size=8), st.text(max_size=8).map(lambda text: text.encode("utf-8", "replace"))
    )

    def changed(draw):  # type: ignore[no-untyped-def]
        data = draw(st.sampled_from(given))
        for _ in range(draw(st.integers(0, 4))):
            start = draw(st.integers(0, len(data)))
            end = min(len(data), start + draw(st.sampled_from([0, 0, 1, 2, 8, 64])))
            data = data[:start] + draw(noise) + data[end:]
        return data[:LONGEST]

    return st.composite(changed)()
