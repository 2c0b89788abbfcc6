"""Count every change of what decides a site's fences, whoever makes it: zones, fences, storeys, the site's CRS."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION fences_count_change(changed_site uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO fences_fenceversion AS held (site_id, version) VALUES (changed_site, 1)
    ON CONFLICT (site_id) DO UPDATE SET version = held.version + 1
$$;

CREATE FUNCTION fences_site_row_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM fences_count_change(OLD.site_id); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM fences_count_change(NEW.site_id); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION fences_site_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fences_count_change(NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION fences_zone_storeys_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fences_count_change(site_id) FROM zones_zone
        WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.zone_id ELSE NEW.zone_id END;
    RETURN NULL;
END $$;

CREATE FUNCTION fences_allowed_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fences_count_change(site_id) FROM fences_fenceprofile
        WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.fenceprofile_id ELSE NEW.fenceprofile_id END;
    RETURN NULL;
END $$;

CREATE TRIGGER fences_count AFTER INSERT OR UPDATE OR DELETE ON zones_zone
    FOR EACH ROW EXECUTE FUNCTION fences_site_row_changed();
CREATE TRIGGER fences_count AFTER INSERT OR UPDATE OR DELETE ON fences_fenceprofile
    FOR EACH ROW EXECUTE FUNCTION fences_site_row_changed();
CREATE TRIGGER fences_count AFTER INSERT OR UPDATE OR DELETE ON places_storey
    FOR EACH ROW EXECUTE FUNCTION fences_site_row_changed();
CREATE TRIGGER fences_count AFTER INSERT OR UPDATE OR DELETE ON zones_zone_storeys
    FOR EACH ROW EXECUTE FUNCTION fences_zone_storeys_changed();
CREATE TRIGGER fences_count AFTER INSERT OR UPDATE OR DELETE ON fences_fenceprofile_allowed
    FOR EACH ROW EXECUTE FUNCTION fences_allowed_changed();
CREATE TRIGGER fences_count AFTER UPDATE OF projected_srid, geoid_offset_m ON places_site
    FOR EACH ROW EXECUTE FUNCTION fences_site_changed();
"""
BACKWARD = """
DROP TRIGGER fences_count ON zones_zone;
DROP TRIGGER fences_count ON fences_fenceprofile;
DROP TRIGGER fences_count ON places_storey;
DROP TRIGGER fences_count ON zones_zone_storeys;
DROP TRIGGER fences_count ON fences_fenceprofile_allowed;
DROP TRIGGER fences_count ON places_site;
DROP FUNCTION fences_site_row_changed();
DROP FUNCTION fences_site_changed();
DROP FUNCTION fences_zone_storeys_changed();
DROP FUNCTION fences_allowed_changed();
DROP FUNCTION fences_count_change(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("fences", "0002_fence_versions_and_limits"),
        ("places", "0001_place_tree"),
        ("zones", "0001_zones_and_triggers"),
    ]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
