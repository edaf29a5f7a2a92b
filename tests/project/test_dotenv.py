import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.project.dotenv import parse_dotenv
from orchest_tui.project.problems import Problems


def parsed(text):
    problems = Problems(".env")
    return parse_dotenv(text, problems), problems.found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=1", "1"),
        ("export A=1", "1"),
        ("  A = 1  ", "1"),
        ("A=", ""),
        ("A=# all comment", ""),
        ("A=x # comment", "x"),
        ("A=x#no comment", "x#no comment"),
        ("A=a b", "a b"),
        ("A=a=b", "a=b"),
        ("A='x # y'  # comment", "x # y"),
        (r"A='x\n'", r"x\n"),
        (r'A="x\n\t\"\\\$\q"', 'x\n\t"\\$\\q'),
        ('A="two\nlines"', "two\nlines"),
        ("A='two\r\nlines'", "two\nlines"),
        ('A=""', ""),
        ("A=$OTHER", "$OTHER"),
        ("A=it's", "it's"),
        ("\ufeffA=1", "1"),
        ("A=0\nA=1", "1"),
        ("# c\n\n \nA=1\n#", "1"),
    ],
)
def test_the_grammar(text, value):
    assert parsed(text) == ({"A": value}, [])


def test_faults_are_told_by_line_and_the_rest_is_read():
    text = "A=1\nnonsense secret\nB='open secret\nC='x' secret\n\"quoted\"=secret\nD=2\n"
    variables, problems = parsed(text)
    assert variables == {"A": "1", "D": "2"}
    assert [problem.place for problem in problems] == ["line 2", "line 3", "line 5"]
    assert "secret" not in str(problems)


def test_a_quote_that_is_never_closed():
    variables, problems = parsed('A="x\nB=1\n')
    assert variables == {"B": "1"}
    assert [problem.place for problem in problems] == ["line 1"]


@given(st.text())
def test_any_text_is_read_to_its_end(text):
    parsed(text)


@given(st.text(alphabet=st.characters(exclude_characters="\r", exclude_categories=["Cs"])))
def test_a_quoted_value_comes_back_as_it_was(value):
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    assert parsed(f'A="{quoted}"') == ({"A": value}, [])
