"""The measures of a picture in words, so that a pretty picture does not mislead."""

from engine.embeddings.quality import Measures, Structure

MEANING = (
    "<qt>Of the held-out faces alone: first as the network has them, then as they are drawn.<br>"
    "<b>Silhouette</b>: 1 where expressions lie apart, 0 where they touch, below 0 where they "
    "are mixed. If the picture has far more than the features, the groups are the picture's "
    "doing.<br>"
    "<b>Nearest</b>: how many of a face's 10 nearest others show its expression; guessing gives "
    "about 14 %.<br>"
    "<b>Partner</b>: the distance of a masked face to the same person's non-masked one, over that "
    "of two faces at random; 0: the mask changes nothing, 1: as far as strangers.<br>"
    "<b>Trustworthiness</b>: 1 where all that lie near in the picture lie near in the features; "
    "below 0.9 do not read neighbours off the picture.</qt>"
)


def sentence(measures: Measures) -> str:
    """The quality of the features and, where it says another thing, of the embedding."""
    features, picture = measures.features, measures.picture
    parts = [
        _of("silhouette {} in the features, {} in the picture", features, picture, "silhouette"),
        _of("{} of the 10 nearest share the expression, {} in the picture", features, picture,
            "purity"),
        _of("a masked face lies {} of a random distance from its partner, {} in the picture",
            features, picture, "pair_distance"),
    ]  # fmt: skip
    parts.append(_trust("trustworthiness {:.2f}", measures))
    return "; ".join(part for part in parts if part) or "Too few faces to measure."


def short(measures: Measures) -> str:
    """The same in one line: features, then picture."""
    features, picture = measures.features, measures.picture
    parts = [
        _of("silhouette {} → {}", features, picture, "silhouette"),
        _of("nearest {} → {}", features, picture, "purity"),
        _of("partner {} → {}", features, picture, "pair_distance"),
    ]
    parts.append(_trust("trust {:.2f}", measures))
    return " · ".join(part for part in parts if part) or "Too few faces to measure"


def _trust(text: str, measures: Measures) -> str:
    """Nothing of pictures that were kept before it was measured."""
    value = measures.trustworthiness
    return "" if value is None else text.format(value)


def _of(text: str, features: Structure, picture: Structure, name: str) -> str:
    values = (getattr(features, name), getattr(picture, name))
    if None in values:
        return ""
    write = "{:.0%}" if name == "purity" else "{:.2f}"
    return text.format(
        *(write.format(value).replace("%", "\u00a0%").replace("-", "−") for value in values)
    )
