"""Train the light word vectors that lie in the package, and those of the two halves that the scorer is trained with.

From the repository's root: `python -m training.word_vectors FOLDER [all|a|b]`; README.md says what must be there.
"""

import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional
from wordfreq import word_frequency

from duologue.understanding.text_features import fold, tokenise
from training import assistants, other_languages
from training.corpus import Corpus, read_corpus
from training.made_up_sentences import make_sentences
from training.pack_vectors import TABLES, write_table
from training.teachers import embed_english, embed_in_any_language, remember

WIDTH, SEED, MADE_UP = 128, 1, 60_000
STEPS = {"all": 2000, "a": 1000, "b": 1000}
ENGLISH_WORDS = 26_000
_SENTENCES, _INVENTED, _SINGLE_WORDS, _GLOSSES, _WISHES = 256, 160, 128, 256, 192
_ALIKE, _GLOSS_ALIKE, _GOAL_ALIKE = 0.05, 0.08, 0.1

Matrix = NDArray[np.float32]


class Lesson(NamedTuple):
    """What the student reads, as rows of words, and what the teacher makes of it."""

    bags: list[list[int]]
    taught: torch.Tensor
    """The teacher's directions, for comparing sentences with each other."""
    targets: torch.Tensor
    """The same in as many dimensions as the student has."""
    kinds: dict[str, NDArray[np.intp]]
    """Numbers of the rows that are sentences, made-up sentences or single words."""
    glosses: list[tuple[int, int]]
    """Rows of words and of their meaning."""


class Wish(NamedTuple):
    """A goal as rows of words: its name, its description, what users say."""

    name: list[int]
    description: list[int]
    sentences: list[list[int]]


class Student(torch.nn.Module):
    """Adds up the vectors of words, each with a weight of its own."""

    def __init__(self, start: Matrix, rarity: Matrix) -> None:
        super().__init__()
        self.vectors = torch.nn.Parameter(torch.tensor(start, dtype=torch.float32))
        self.weights = torch.nn.Parameter(torch.tensor(rarity, dtype=torch.float32))

    def forward(self, bags: Sequence[Sequence[int]]) -> torch.Tensor:
        flat = torch.tensor([word for bag in bags for word in bag])
        starts = torch.tensor(np.cumsum([0, *(len(bag) for bag in bags[:-1])]))
        total = functional.embedding_bag(
            flat, self.vectors, starts, mode="sum", per_sample_weights=self.weights.exp()[flat]
        )
        return functional.normalize(total, dim=1)


def main() -> None:
    """Ask the teachers, train, write the tables."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    folder, part = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "all"
    data, wordnet = Path(os.environ["DUOLOGUE_ACCEPTANCE_DATA"]), Path(os.environ["WORDNET"])
    corpus = read_corpus(data, wordnet)
    reader = Reader(corpus.words)
    lesson, start = prepare(corpus, make_sentences(wordnet, MADE_UP, seed=4), reader, folder)
    pool = assistants.read_pool(data, held_out=False)
    goals = [goal for goal in pool.goals if part == "all" or assistants.is_in_half(goal, part)]
    wishes = [
        Wish(
            reader(goal.spoken),
            reader(goal.description) or reader(goal.spoken),
            list(filter(None, map(reader, goal.sentences[:150]))),
        )
        for goal in goals
    ]
    rarity = (
        np.log(1e-3 / (1e-3 + np.array([word_frequency(word, "en") + 1e-8 for word in corpus.words]))) * 0.5
    )
    student = Student(start, rarity)
    teach(student, lesson, wishes, STEPS[part])
    vectors = (student.vectors * student.weights.exp()[:, None]).detach().numpy()
    write_tables(corpus.words, vectors, folder, TABLES if part == "all" else folder / f"tables_{part}")


class Reader:
    """Turns a text into the numbers of its known words."""

    def __init__(self, words: Sequence[str]) -> None:
        self._numbers: dict[str, int] = {}
        for number, word in enumerate(words):
            self._numbers.setdefault(fold(word), number)

    def __call__(self, text: str) -> list[int]:
        found = (
            self._numbers.get(token.word, self._numbers.get(token.word.split("'")[0]))
            for token in tokenise(text)
        )
        return [number for number in found if number is not None]


def prepare(corpus: Corpus, made_up: Sequence[str], reader: Reader, folder: Path) -> tuple[Lesson, Matrix]:
    """The lesson, and the vectors that the student starts with: the teacher's, in fewer dimensions."""
    texts = [*corpus.sentences, *(meaning for _, meaning in corpus.glosses)]
    lemmas = [words for words, _ in corpus.glosses]
    words = remember(folder / "words.npy", corpus.words, embed_english)
    sentences = remember(folder / "sentences.npy", texts, embed_english)
    named = remember(folder / "lemmas.npy", lemmas, embed_english)
    invented = remember(folder / "made_up.npy", made_up, embed_english)
    mean = sentences.mean(axis=0)
    sample = np.concatenate([sentences - mean, words - words.mean(axis=0), invented - mean])[::3]
    basis = np.linalg.eigh(sample.T @ sample)[1][:, ::-1][:, :WIDTH]
    rows = np.concatenate([sentences, named, invented, words]) - mean
    bags = [
        *map(reader, texts),
        *map(reader, lemmas),
        *map(reader, made_up),
        *([number] for number in range(len(words))),
    ]
    ends = np.cumsum([len(texts), len(lemmas), len(made_up), len(words)])
    filled = np.array([row for row, bag in enumerate(bags) if bag])
    lesson = Lesson(
        bags=bags,
        taught=torch.tensor(_unit(rows)),
        targets=torch.tensor(_unit(rows @ basis)),
        kinds={
            "sentences": filled[filled < ends[0]],
            "made up": filled[(filled >= ends[1]) & (filled < ends[2])],
            "words": filled[filled >= ends[2]],
        },
        glosses=[
            (ends[0] + place, row)
            for place, row in enumerate(range(len(corpus.sentences), len(texts)))
            if bags[ends[0] + place] and bags[row]
        ],
    )
    return lesson, _unit((words - (words.mean(axis=0) + mean) / 2) @ basis)


def teach(student: Student, lesson: Lesson, wishes: Sequence[Wish], steps: int) -> None:
    """Learn to see texts as the teacher does, words near their meanings, and wishes near their goals."""
    start = student.vectors.detach().clone()
    chance, draw = np.random.default_rng(SEED), random.Random(SEED)
    optimiser = torch.optim.Adam(
        [{"params": [student.vectors], "lr": 4e-3}, {"params": [student.weights], "lr": 1e-2}]
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / (steps + 1))
    for step in range(steps):
        sizes = {"sentences": _SENTENCES, "made up": _INVENTED, "words": _SINGLE_WORDS}
        rows = np.concatenate(
            [chance.choice(lesson.kinds[kind], size, replace=False) for kind, size in sizes.items()]
        )
        loss = (
            _unlike_teacher(student, lesson, rows)
            + 0.3 * _far_from_meaning(student, lesson, draw)
            + 0.3 * _far_from_goal(student, wishes, draw)
            + 0.02 * ((student.vectors - start) ** 2).sum(dim=1).mean()
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 200 == 0:
            print(step, round(loss.item(), 3), flush=True)


def _unlike_teacher(student: Student, lesson: Lesson, rows: NDArray[np.intp]) -> torch.Tensor:
    """How much the student's directions, and what is near what, differ from the teacher's."""
    seen, taught = student([lesson.bags[row] for row in rows]), lesson.taught[rows]
    itself = torch.eye(len(rows), dtype=torch.bool)
    mine, theirs = seen @ seen.T, taught @ taught.T
    nearness = functional.kl_div(
        torch.log_softmax(mine.masked_fill(itself, -9) / _ALIKE, dim=1),
        torch.softmax(theirs.masked_fill(itself, -9) / _ALIKE, dim=1),
        reduction="batchmean",
    )
    direction = (1 - (seen * lesson.targets[rows]).sum(dim=1)).mean()
    return direction + 3 * ((mine - theirs)[~itself] ** 2).mean() + 0.3 * nearness


def _far_from_meaning(student: Student, lesson: Lesson, draw: random.Random) -> torch.Tensor:
    pairs = draw.sample(lesson.glosses, _GLOSSES)
    words = student([lesson.bags[left] for left, _ in pairs])
    meanings = student([lesson.bags[right] for _, right in pairs])
    alike, own = words @ meanings.T / _GLOSS_ALIKE, torch.arange(len(pairs))
    return (functional.cross_entropy(alike, own) + functional.cross_entropy(alike.T, own)) / 2


def _far_from_goal(student: Student, wishes: Sequence[Wish], draw: random.Random) -> torch.Tensor:
    wanted = [draw.randrange(len(wishes)) for _ in range(_WISHES)]
    said = student([draw.choice(wishes[number].sentences) for number in wanted])
    texts = student([_describe(wish, draw) for wish in wishes])
    others = student([draw.choice(wish.sentences) for wish in wishes])
    right = torch.tensor(wanted)
    return functional.cross_entropy(said @ texts.T / _GOAL_ALIKE, right) + 0.5 * functional.cross_entropy(
        said @ others.T / _GOAL_ALIKE, right
    )


def _describe(wish: Wish, draw: random.Random) -> list[int]:
    return draw.choice((wish.name, wish.description, [*wish.name, *wish.description]))


def write_tables(words: Sequence[str], vectors: Matrix, folder: Path, tables: Path) -> None:
    """The English table and those of the other languages."""
    english = other_languages.list_words("en", other_languages.ENGLISH_WORDS)
    number = {word: row for row, word in enumerate(words)}
    english = [word for word in english if word in number]
    seen = remember(folder / "any_en.npy", english, embed_in_any_language)
    for language, count in other_languages.WORDS.items():
        foreign = other_languages.list_words(language, count)
        rows = remember(folder / f"any_{language}.npy", foreign, embed_in_any_language)
        translated = other_languages.translate_vectors(
            other_languages.Known(foreign, language, rows),
            other_languages.Known(english, "en", seen),
            vectors[[number[word] for word in english]],
        )
        _write(language, foreign, translated, tables)
    met = set(words[-len(words) // 10 :])
    kept = [row for row, word in enumerate(words) if row < ENGLISH_WORDS or word in met]
    _write("en", [words[row] for row in kept], vectors[kept], tables)


def _write(language: str, words: Sequence[str], vectors: Matrix, tables: Path) -> None:
    """Words that are one when folded are kept once, in the commoner spelling's sense."""
    order = sorted(range(len(words)), key=lambda row: -word_frequency(words[row], language))
    folded: dict[str, int] = {}
    for row in order:
        folded.setdefault(fold(words[row]), row)
    size = write_table(language, list(folded), vectors[list(folded.values())].astype(np.float32), tables)
    print(f"{language}: {len(folded)} words, {size} bytes")


def _unit(rows: Matrix) -> Matrix:
    return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)


if __name__ == "__main__":
    main()
