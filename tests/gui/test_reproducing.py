from engine.published import TABLES
from msde_gui import reproducing


class Session:
    """What the menu needs of a session; commands are kept instead of run."""

    def __init__(self, folder):
        self.study = type("Study", (), {"folder": folder})()
        self.started, self.enqueued, self.told = [], [], []
        self.runs = type("Runs", (), {"enqueue": lambda _, name: self.enqueued.append(name)})()
        self.said = type("Said", (), {"emit": lambda _, text: self.told.append(text)})()
        self.failed = lambda *words: None

    def start(self, title, arguments):
        self.started.append(arguments)
        signal = type("Signal", (), {"connect": lambda _, slot: setattr(self, "answered", slot)})
        return type(
            "Job", (), {"succeeded": signal(), "failed": type("F", (), {"connect": print})}
        )()


def test_that_a_table_is_chosen_from_a_menu_with_the_forms_preset(qtbot, tmp_path):
    session = Session(tmp_path)
    button = reproducing.button(session, lambda: "quick")
    qtbot.addWidget(button)
    actions = button.menu().actions()
    assert [action.text() for action in actions] == [table.title for table in TABLES.values()]
    actions[2].trigger()
    place = ["--study", str(tmp_path), "--preset", "quick"]
    assert session.started == [["reproduce", "table5", *place, "--queue"]]
    session.answered({"todo": ["001-baseline-nm", "002-distillation-pairs"], "preset": "quick"})
    assert session.enqueued == ["001-baseline-nm", "002-distillation-pairs"]
    assert "msde reproduce table5" in session.told[0]
