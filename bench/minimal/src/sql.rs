//! The queries. Both databases take them as they are, but for the array of a measure's units.

pub const SQLITE_UNITS: &str = "json_group_array(json_object('code', unit.code, 'name', coalesce(unit.short_name, unit.name_th)) \
     ORDER BY measure_unit.position)";

pub const POSTGRES_UNITS: &str = "coalesce(json_agg(json_build_object('code', unit.code, 'name', coalesce(unit.short_name, unit.name_th)) \
     ORDER BY measure_unit.position), '[]')";

const COLUMNS: &str = "id, fiscal_year, number, title, methods, all_units, period_text, starts_on, ends_on, results, \
     outcomes, evidence, status, topic, predecessor_id, publication, unpublished_reason, created_at, updated_at";

/// Measures with their units as the column after [`COLUMNS`].
pub struct Selects {
    pub page: String,
    pub one: String,
    pub year: String,
}

impl Selects {
    pub fn new(units: &str) -> Self {
        let select = |rest: &str| {
            format!(
                "SELECT {COLUMNS}, (SELECT {units} FROM measure_unit JOIN unit ON unit.id = measure_unit.unit_id \
                 WHERE measure_unit.measure_id = measure.id) AS units FROM measure WHERE {rest}"
            )
        };
        Self {
            page: select(
                "publication = 'published' AND fiscal_year = $1 ORDER BY fiscal_year DESC, no ASC, id ASC LIMIT 21",
            ),
            one: select("id = $1"),
            year: select("publication = 'published' AND fiscal_year = $1 ORDER BY no ASC, id ASC"),
        }
    }
}

pub const AGENCY: &str = "SELECT name_th FROM agency LIMIT 1";

pub const AS_OF: &str = "SELECT changed_at FROM revision WHERE resource IN ('measures', 'units')";

pub const REPORT_AS_OF: &str = "SELECT changed_at FROM revision WHERE resource IN ('agency', 'measures', 'units')";

pub const BY_STATUS: &str = "\
    SELECT fiscal_year, status, COUNT(*), \
           SUM(CASE WHEN CAST(results AS TEXT) = '[]' THEN 1 ELSE 0 END), \
           SUM(CASE WHEN CAST(outcomes AS TEXT) = '[]' THEN 1 ELSE 0 END), \
           SUM(CASE WHEN all_units THEN 1 ELSE 0 END) \
    FROM measure WHERE publication = 'published' AND fiscal_year IN ($1, $2) \
    GROUP BY fiscal_year, status";

pub const BY_UNIT: &str = "\
    SELECT measure.fiscal_year, unit.code, unit.name_th, unit.name_en, COUNT(*), \
           SUM(CASE WHEN measure.status = 'completed' THEN 1 ELSE 0 END) \
    FROM measure \
    JOIN measure_unit ON measure_unit.measure_id = measure.id \
    JOIN unit ON unit.id = measure_unit.unit_id \
    WHERE measure.publication = 'published' AND measure.fiscal_year IN ($1, $2) \
    GROUP BY measure.fiscal_year, unit.code, unit.name_th, unit.name_en ORDER BY unit.code";

pub const INSERT: &str = "\
    INSERT INTO measure (id, fiscal_year, number, title, methods, all_units, period_text, starts_on, ends_on, results, \
                         outcomes, evidence, status, topic, predecessor_id, publication, search, version, \
                         created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'draft', $16, 1, $17, $17)";

/// One unit.
pub const SQLITE_LINK: &str = "\
    INSERT INTO measure_unit (measure_id, unit_id, position) SELECT $1, unit.id, $2 FROM unit WHERE unit.code = $3";

/// All units of a measure.
pub const POSTGRES_LINK: &str = "\
    INSERT INTO measure_unit (measure_id, unit_id, position) \
    SELECT $1, unit.id, listed.position::integer - 1 \
    FROM unnest($2::text[]) WITH ORDINALITY AS listed (code, position) JOIN unit ON unit.code = listed.code";

/// An audit event as a row and nothing more: no tree, no hash, no copy of the record.
pub const AUDIT_TABLE: &str = "\
    CREATE TABLE IF NOT EXISTS plain_event (at timestamptz, actor text, action text, resource text, record_id uuid)";

pub const AUDIT: &str = "\
    INSERT INTO plain_event (at, actor, action, resource, record_id) VALUES ($1, 'minimal', 'create', 'measures', $2)";

pub const RAISE: &str = "\
    INSERT INTO revision (resource, number, changed_at) VALUES ('measures', 1, $1) \
    ON CONFLICT (resource) DO UPDATE SET number = revision.number + 1, changed_at = excluded.changed_at";
