"""SQL for tables that remember: what a row held before is kept by the database, so that any past moment can be asked.

System-versioned tables in the manner of SQL:2011, with one difference: the time comes from the operation
(`known_from`), not from the database's clock, and only from the clock where a change did not say when.
"""

from __future__ import annotations

from collections.abc import Sequence


def keep_former_sql(table: str, former: str, id_column: str, columns: Sequence[str]) -> str:
    """Return the SQL that makes `table` keep the former content of `columns` in `former` at every update.

    An update that changes none of the columns changes nothing. One that says no new `known_from` counts from the
    server's clock. One at the same instant as the content it replaces leaves no trace of it, and nothing is ever
    known before what it replaced.
    """
    olds = ", ".join(f"OLD.{column}" for column in columns)
    tracked = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    return f"""
CREATE FUNCTION {table}_says_when() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('twinwall.said_when', NEW.id::text, true);
    RETURN NEW;
END $$;
CREATE FUNCTION {table}_keep_former() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT ({tracked}) THEN
        NEW.known_from := OLD.known_from;
        RETURN NEW;
    END IF;
    IF NEW.known_from = OLD.known_from
        AND current_setting('twinwall.said_when', true) IS DISTINCT FROM NEW.id::text THEN
        NEW.known_from := clock_timestamp();
    END IF;
    PERFORM set_config('twinwall.said_when', '', true);
    IF NEW.known_from > OLD.known_from THEN
        INSERT INTO {former} ({id_column}, {", ".join(columns)}, known_from, known_to)
        VALUES (OLD.id, {olds}, OLD.known_from, NEW.known_from);
    ELSE
        NEW.known_from := OLD.known_from;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_says_when BEFORE UPDATE OF known_from ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_says_when();
CREATE TRIGGER b_keep_former BEFORE UPDATE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_keep_former();
"""


def forget_former_sql(table: str) -> str:
    """Return the SQL that takes back `keep_former_sql`."""
    return f"""
DROP TRIGGER b_keep_former ON {table};
DROP TRIGGER a_says_when ON {table};
DROP FUNCTION {table}_keep_former();
DROP FUNCTION {table}_says_when();
"""


def as_of_sql(function: str, table: str, former: str, id_column: str, columns: Sequence[str], types: str) -> str:
    """Return the SQL of a function that gives the rows as they were known at a moment: id and `columns`.

    `types` declares its result. The planner sees through it (one statement, stable), so filters reach the tables.
    """
    listed = ", ".join(columns)
    return f"""
CREATE FUNCTION {function}(moment timestamptz) RETURNS TABLE ({types}) LANGUAGE sql STABLE AS $$
    SELECT id, {listed} FROM {table} WHERE known_from <= moment
    UNION ALL
    SELECT {id_column}, {listed} FROM {former} WHERE known_from <= moment AND moment < known_to
$$;
"""
