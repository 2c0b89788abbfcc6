"""STEP text is split into instances and arguments as ISO 10303-21 says."""

import pytest

from .step_text import read_instances, split_arguments

TEXT = """ISO-10303-21;
HEADER;
FILE_NAME('#7; no instance','',(''),(''),'','','');
ENDSEC;
DATA;
#1=IFCPERSON($,'O''Neil; #5',$,$,$,$,$,$);
/* #2=IFCWALL(#1); */
#12 = IFCRELAGGREGATES( '0mWuyA6nfBYRnhRaGOlEQy', #1,
  $,$,#3,(#4,#5));
ENDSEC;
END-ISO-10303-21;
"""


def test_instances_keep_their_texts_and_name_their_references() -> None:
    person, relation = read_instances(TEXT)
    assert (person.number, person.ifc_class, person.references) == (1, "IFCPERSON", ())
    assert person.arguments[1] == "'O''Neil; #5'"
    assert (relation.number, relation.ifc_class, relation.references) == (12, "IFCRELAGGREGATES", (1, 3, 4, 5))
    assert relation.arguments == ["'0mWuyA6nfBYRnhRaGOlEQy'", "#1", "$", "$", "#3", "(#4,#5)"]
    assert relation.body(lambda number: number + 100).endswith("#101,\n  $,$,#103,(#104,#105))")


def test_a_statement_that_is_no_instance_and_a_section_without_end_are_refused() -> None:
    with pytest.raises(ValueError, match="Not an instance"):
        list(read_instances("DATA;\nIFCWALL(#1);\nENDSEC;"))
    with pytest.raises(ValueError, match="has no end"):
        list(read_instances("DATA;\n#1=IFCWALL($);\n"))
    with pytest.raises(ValueError, match="Brackets do not match"):
        split_arguments("('a',(#1)")
