"""Tunes the encoder to intents: sentences with one goal come nearer to each other, those with others go apart.

Needs torch. BANKING77, the small sets in Rasa's format and the assistants are not read: they tell what came out.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from duologue.adapters.sentence_encoder.word_pieces import WordPieces
from training import open_data
from training.encoder_graph import HEADS, LAYERS, WIDTH, Array, Weights

LOWEST = 2
"""Layers below this one stay as they are, and what they say is worked out once."""
LAID_OUT, STEPS = 1000, 300
"""For how many steps the rate was laid out, and after how many the tuning ended."""
RATE, WARM, PROXY_RATE = 5e-5, 40, 20
TEMPERATURE = 0.07
AVERAGED = 0.99
"""Weights are the running average over about a hundred steps …"""
MIX = 0.6
"""… of which this much is taken, and the rest of the original's."""
ROWS, OF_A_GOAL, GOALS, NEUTRAL = 128, 4, 5, 12
LEFT_OUT = 0.1
"""The part of word pieces, and of numbers within the layers, that is left out at random."""
SHARES = {
    "clinc": 0.6,
    "nluppbanking": 0.14,
    "nlupphotels": 0.06,
    "snips": 0.08,
    "xsid": 0.05,
    "sgd": 0.04,
    "star": 0.03,
}
MOST_OF_SNIPS, MOST_NEUTRAL = 400, 4000


class Corpus(NamedTuple):
    """Sentences to tune with."""

    goals: dict[str, list[str]]
    """By `<data set>/<goal>`."""
    neutral: list[str]
    """Said by users for no goal that is known: they must stay where they are."""


def read_corpus(folder: Path) -> Corpus:
    """The training parts of CLINC150, with its sentences out of scope, SNIPS, NLU++, xSID in English, SGD, STAR."""
    goals: defaultdict[str, list[str]] = defaultdict(list)
    for name, text in _list_goals(folder):
        goals[name].append(text)
    dice = random.Random(0)
    kept: dict[str, list[str]] = {}
    for name in sorted(goals):
        texts = sorted(set(goals[name]))
        dice.shuffle(texts)
        kept[name] = texts[:MOST_OF_SNIPS] if name.startswith("snips/") else texts
    neutral = {turn.text for turn in open_data.read_sgd_turns(folder) if not turn.opens}
    neutral |= {line["text"] for line in open_data.read_lines(folder / "nlu/restaurants8k/train.jsonl")}
    others = sorted(neutral)
    dice.shuffle(others)
    return Corpus(kept, others[:MOST_NEUTRAL])


def _list_goals(folder: Path) -> Iterator[tuple[str, str]]:
    for line in open_data.read_lines(folder / "nlu/clinc150/train.jsonl"):
        yield f"clinc/{line['intent']}", line["text"]
    for number, line in enumerate(open_data.read_lines(folder / "nlu/clinc150/oos_train.jsonl")):
        yield f"clinc/oos{number}", line["text"]
    for said in (*open_data.read_snips(folder), *open_data.read_xsid(folder, ("en",))):
        yield said.goal, said.text
    for domain in ("banking", "hotels"):
        for line in open_data.read_lines(folder / f"nlu/nlupp/{domain}.jsonl"):
            if intents := line.get("intents"):
                yield f"nlupp{domain}/{'+'.join(sorted(intents))}", line["text"]
    for turn in open_data.read_sgd_turns(folder):
        if turn.opens:
            yield f"sgd/{turn.service.split('_')[0]}/{turn.intent}", turn.text
    for said in open_data.read_star_openings(folder):
        yield said.goal, said.text


class Layer(nn.Module):
    """One layer of the transformer, over sentences that lie end to end."""

    def __init__(self, weights: Weights, number: int) -> None:
        super().__init__()
        at = f"encoder.layer.{number}."
        read = [f"{at}attention.self.{name}" for name in ("query", "key", "value")]
        self.read = _linear(
            *(np.concatenate([weights[f"{name}.{kind}"] for name in read]) for kind in _KINDS)
        )
        self.noticed = _linear(*(weights[f"{at}attention.output.dense.{kind}"] for kind in _KINDS))
        self.kept = _norm(*(weights[f"{at}attention.output.LayerNorm.{kind}"] for kind in _KINDS))
        self.thought = _linear(*(weights[f"{at}intermediate.dense.{kind}"] for kind in _KINDS))
        self.said = _linear(*(weights[f"{at}output.dense.{kind}"] for kind in _KINDS))
        self.out = _norm(*(weights[f"{at}output.LayerNorm.{kind}"] for kind in _KINDS))

    def forward(self, state: Tensor, places: Tensor, mask: Tensor, left_out: float) -> Tensor:
        texts, longest = mask.shape
        joined = self.read(state)
        laid = joined.new_zeros(texts * longest, joined.shape[1]).index_copy(0, places, joined)
        query, key, value = laid.view(texts, longest, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
        seen = seen.transpose(1, 2).reshape(texts * longest, -1).index_select(0, places)
        state = self.kept(state + functional.dropout(self.noticed(seen), left_out))
        return self.out(state + functional.dropout(self.said(functional.gelu(self.thought(state))), left_out))

    def name_weights(self, number: int) -> Iterator[tuple[str, Tensor]]:
        """Each weight under its name in the original."""
        at = f"encoder.layer.{number}."
        for kind in _KINDS:
            parts = getattr(self.read, kind).chunk(3)
            for name, part in zip(("query", "key", "value"), parts, strict=True):
                yield f"{at}attention.self.{name}.{kind}", part
            yield f"{at}attention.output.dense.{kind}", getattr(self.noticed, kind)
            yield f"{at}attention.output.LayerNorm.{kind}", getattr(self.kept, kind)
            yield f"{at}intermediate.dense.{kind}", getattr(self.thought, kind)
            yield f"{at}output.dense.{kind}", getattr(self.said, kind)
            yield f"{at}output.LayerNorm.{kind}", getattr(self.out, kind)


_KINDS = ("weight", "bias")


def _linear(weight: Array, bias: Array) -> nn.Linear:
    made = nn.Linear(weight.shape[1], weight.shape[0])
    made.load_state_dict({"weight": torch.from_numpy(weight.copy()), "bias": torch.from_numpy(bias.copy())})
    return made


def _norm(weight: Array, bias: Array) -> nn.LayerNorm:
    made = nn.LayerNorm(len(weight), eps=1e-12)
    made.load_state_dict({"weight": torch.from_numpy(weight.copy()), "bias": torch.from_numpy(bias.copy())})
    return made


def run_layers(layers: Sequence[Layer], states: Sequence[Array], left_out: float = 0.0) -> Tensor:
    """What the layers make of sentences of several lengths, end to end."""
    lengths = torch.tensor([len(state) for state in states])
    longest = int(lengths.max())
    text = torch.repeat_interleave(torch.arange(len(states)), lengths)
    places = text * longest + torch.cat([torch.arange(len(state)) for state in states])
    mask = torch.zeros(len(states) * longest, dtype=torch.bool)
    mask[places] = True
    state = torch.from_numpy(np.concatenate(states).astype(np.float32))
    for layer in layers:
        state = layer(state, places, mask.view(len(states), longest), left_out)
    return state


def average(state: Tensor, lengths: Sequence[int]) -> Tensor:
    """The vector of each sentence, of length one."""
    count = torch.tensor(lengths)
    text = torch.repeat_interleave(torch.arange(len(lengths)), count)
    summed = torch.zeros(len(lengths), WIDTH).index_add(0, text, state)
    return functional.normalize(summed / count[:, None], dim=-1)


class Prepared(NamedTuple):
    """What the original makes of the sentences: those of goals first, then the neutral ones."""

    states: list[Array]
    """After the layers that stay as they are."""
    vectors: Tensor
    goals: Tensor
    """Of each sentence that has one."""
    rows: list[list[int]]
    """The sentences of each goal."""
    sets: list[str]
    """The data set of each goal."""


def prepare(weights: Weights, pieces: WordPieces, corpus: Corpus) -> Prepared:
    """Ask the original about every sentence."""
    texts = [text for said in corpus.goals.values() for text in said] + corpus.neutral
    layers = [Layer(weights, number) for number in range(LAYERS)]
    states: list[Array] = []
    vectors: list[Tensor] = []
    with torch.inference_mode():
        for start in range(0, len(texts), 64):
            begun = [_embed(weights, pieces, text) for text in texts[start : start + 64]]
            lengths = [len(one) for one in begun]
            low = run_layers(layers[:LOWEST], begun)
            cut = [one.numpy().astype(np.float16) for one in low.split(lengths)]
            states.extend(cut)
            vectors.append(average(run_layers(layers[LOWEST:], cut), lengths))
    goals = [number for number, said in enumerate(corpus.goals.values()) for _ in said]
    rows: list[list[int]] = [[] for _ in corpus.goals]
    for row, goal in enumerate(goals):
        rows[goal].append(row)
    sets = [name.partition("/")[0] for name in corpus.goals]
    return Prepared(states, torch.cat(vectors).clone(), torch.tensor(goals), rows, sets)


def _embed(weights: Weights, pieces: WordPieces, text: str) -> Array:
    numbers = [pieces.start, *(piece.number for piece in pieces.cut(text, most=94)), pieces.end]
    summed = (
        weights["embeddings.word_embeddings.weight"][numbers]
        + weights["embeddings.position_embeddings.weight"][: len(numbers)]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    factors = (torch.from_numpy(weights[f"embeddings.LayerNorm.{kind}"]) for kind in _KINDS)
    return functional.layer_norm(torch.from_numpy(summed), (WIDTH,), *factors, eps=1e-12).numpy()


def make_picker(prepared: Prepared, centres: Tensor) -> Callable[[], list[int]]:
    """Picks the rows of a step: several data sets, within each often goals that are near to each other."""
    dice = random.Random(1)
    members: defaultdict[str, list[int]] = defaultdict(list)
    for goal, name in enumerate(prepared.sets):
        members[name].append(goal)
    near: dict[int, list[int]] = {}
    for goals in members.values():
        order = (centres[goals] @ centres[goals].T).argsort(dim=1, descending=True).tolist()
        near.update({goal: [goals[place] for place in row] for goal, row in zip(goals, order, strict=True)})

    def pick() -> list[int]:
        rows: list[int] = []
        while len(rows) < ROWS:
            goals = members[dice.choices(list(SHARES), list(SHARES.values()))[0]]
            seed = dice.choice(goals)
            nearby = near[seed][:10] if dice.random() < 0.6 else dice.sample(goals, min(10, len(goals)))
            for goal in dice.sample(nearby, min(GOALS, len(nearby))):
                known = prepared.rows[goal]
                rows += dice.sample(known, min(OF_A_GOAL, len(known)))
        rows = list(dict.fromkeys(rows))
        count = len(prepared.goals)
        return rows + [dice.randrange(count, len(prepared.states)) for _ in range(NEUTRAL)]

    return pick


def tune(weights: Weights, pieces: WordPieces, folder: Path) -> Weights:
    """The weights of the tuned encoder."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    prepared = prepare(weights, pieces, read_corpus(folder))
    layers = nn.ModuleList(Layer(weights, number) for number in range(LOWEST, LAYERS))
    centres = functional.normalize(
        torch.stack([prepared.vectors[rows].mean(0) for rows in prepared.rows]), dim=-1
    )
    proxies = nn.Parameter(centres.clone())
    groups: list[dict[str, Any]] = [
        {"params": list(layers.parameters()), "factor": 1},
        {"params": [proxies], "factor": PROXY_RATE, "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=RATE, weight_decay=0.01)
    averaged = {name: value.clone() for name, value in layers.state_dict().items()}
    pick, chance = make_picker(prepared, centres), np.random.RandomState(0)
    for step in range(STEPS):
        loss = _judge(layers, prepared, proxies, pick(), chance)
        for group in optimiser.param_groups:
            group["lr"] = RATE * group["factor"] * min(1, (step + 1) / WARM) * (1 - step / LAID_OUT)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(layers.parameters(), 1.0)
        optimiser.step()
        with torch.no_grad():
            for name, value in layers.state_dict().items():
                averaged[name].lerp_(value, 1 - min(AVERAGED, (step + 1) / (step + 10)))
        if step % 25 == 0:
            print(f"step {step}: {loss.item():.3f}", flush=True)
    layers.load_state_dict(averaged)
    return _mix(weights, layers)


def _judge(
    layers: nn.ModuleList,
    prepared: Prepared,
    proxies: Tensor,
    rows: Sequence[int],
    chance: np.random.RandomState,
) -> Tensor:
    """How far sentences are from others of their goal, from its proxy, and from where they were."""
    states = [_leave_out(prepared.states[row], chance) for row in rows]
    found = average(run_layers(list(layers), states, LEFT_OUT), [len(state) for state in states])  # pyright: ignore[reportArgumentType]
    stays = (1 - (found * prepared.vectors[list(rows)]).sum(1)).mean()
    with_goal = [row for row in rows if row < len(prepared.goals)]
    goals, found = prepared.goals[with_goal], found[: len(with_goal)]
    itself = torch.eye(len(goals), dtype=torch.bool)
    same = (goals[:, None] == goals[None]) & ~itself
    nearness = found @ found.T / TEMPERATURE
    share = nearness - torch.logsumexp(nearness.masked_fill(itself, -1e9), 1, keepdim=True)
    paired = same.any(1)
    apart = (-(share * same).sum(1)[paired] / same.sum(1)[paired]).mean()
    names = sorted(set(prepared.sets))
    sets = torch.tensor([names.index(name) for name in prepared.sets])
    scores = (found @ functional.normalize(proxies, dim=-1).T) / TEMPERATURE
    scores = scores.masked_fill(sets[None] != sets[goals][:, None], -1e9)
    return apart + functional.cross_entropy(scores, goals) + stays


def _leave_out(state: Array, chance: np.random.RandomState) -> Array:
    if len(state) <= 5:
        return state
    kept = chance.rand(len(state)) > LEFT_OUT
    kept[0] = kept[-1] = True
    return state[kept]


def _mix(weights: Weights, layers: nn.ModuleList) -> Weights:
    """Part of the way from the original to what was learned: further on, other goals suffer."""
    mixed = dict(weights)
    for number, layer in enumerate(layers, start=LOWEST):
        assert isinstance(layer, Layer)
        for name, value in layer.name_weights(number):
            mixed[name] = (1 - MIX) * weights[name] + MIX * value.detach().numpy()
    return {name: array.astype(np.float32) for name, array in mixed.items() if array.dtype.kind == "f"}
