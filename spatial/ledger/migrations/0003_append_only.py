"""Nobody changes or deletes an act: a trigger for everybody, and no such right for the application's role."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION ledger_act_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'An act is never changed or deleted (ledger_act is append-only).'
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER ledger_act_append_only BEFORE UPDATE OR DELETE ON ledger_act
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_act_is_append_only();
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'twinwall_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON ledger_act FROM twinwall_app;
    END IF;
END $$;
"""
BACKWARD = """
DROP TRIGGER ledger_act_append_only ON ledger_act;
DROP FUNCTION ledger_act_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_installation_chain")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
