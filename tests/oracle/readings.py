"""Where the contract is silent or can be read in two ways: a question, our reading, and the other one.

`other(question)` is asked where a reading matters: false for ours, true for the other. When a verdict differs,
`compare.py` judges again with the questions that were asked answered the other way. A verdict that agrees then is
counted by its question and not as a difference, so the tally says how the program reads each of them.
"""

QUESTIONS = {}  # name: (our reading, the other one)
asked = set()
answered_otherwise = frozenset()


def question(name, ours, otherwise):
    QUESTIONS[name] = (ours, otherwise)


def other(name):
    assert name in QUESTIONS, name
    asked.add(name)
    return name in answered_otherwise


class Otherwise:
    """Judge with some questions answered the other way: `with Otherwise({"presence_boundary"}): …`."""

    def __init__(self, names):
        self.names = frozenset(names)

    def __enter__(self):
        global answered_otherwise
        self.before, answered_otherwise = answered_otherwise, self.names

    def __exit__(self, *_):
        global answered_otherwise
        answered_otherwise = self.before
