import json
from dataclasses import fields

from engine.cli._catalogue import make_catalogue
from engine.experiment.catalogue import Catalogue, nearest
from engine.system.validation import adapter


def test_that_a_catalogue_is_read_as_it_was_written():
    made = make_catalogue()
    text = adapter(Catalogue).dump_json(made)
    read = adapter(Catalogue).validate_json(text)
    assert read == made
    assert list(json.loads(text)) == [field.name for field in fields(Catalogue)]


def test_that_a_preset_that_is_not_offered_gives_way_to_the_papers():
    presets = make_catalogue().method("contrastive").presets
    assert nearest("alt", presets) == "alt"
    assert nearest("authors", presets) == "paper"
