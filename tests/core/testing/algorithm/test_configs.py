"""Settings are noted as they are made, as they were then."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from csai_core.testing.algorithm.configs import noted, written


@dataclass
class Settings:
    sizes: list = field(default_factory=lambda: [16])
    rate: float = 0.5

    def __post_init__(self):
        if self.rate:
            replace(self, rate=0.0)  # as whoever tries where a schedule ends


@dataclass(frozen=True, slots=True)
class Fixed:
    rate: float = 0.5


class More(Settings):
    pass


def test_what_is_made_is_noted_and_what_was_made_in_its_making_is_not():
    with noted(Settings) as made:
        one, other = Settings(), Settings(rate=0.25)
    assert [each.config for each in made] == [one, other]
    assert made[1].values == {"sizes": "[16]", "rate": "0.25"}


def test_what_they_were_stays():
    with noted(Settings) as made:
        settings = Settings()
    settings.sizes.append(8)
    settings.rate = 1.0
    assert made[0].values == {"sizes": "[16]", "rate": "0.5"}
    assert written(settings) == {"sizes": "[16, 8]", "rate": "1.0"}


def test_the_class_is_left_as_it_was():
    before = [dict(vars(each)) for each in (Settings, More, Fixed)]
    for each in (Settings, More, Fixed):
        with noted(each) as made:
            each()
        assert len(made) == 1
        each()
        assert len(made) == 1
    assert [dict(vars(each)) for each in (Settings, More, Fixed)] == before


def test_only_the_class_itself_counts_and_only_where_it_is_a_dataclass():
    with noted(Settings) as made, noted(dict) as none:
        More()
        dict(rate=0.5)
    assert not made
    assert not none
    assert written(dict(rate=0.5)) == {}
