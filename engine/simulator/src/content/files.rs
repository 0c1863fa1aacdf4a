//! What lies beside the notebooks: workspace files, libraries in DBFS, and the scripts that start every cluster.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::DAY_MS;
use crate::api::archive::zip;
use crate::api::global_init_scripts;
use crate::state::library::Library;
use crate::state::tree::{self, Node, NodeKind};
use crate::state::{State, dbfs};

/// Where the wheel lies that a cluster has as a library.
const WHEEL: &str = "/FileStore/wheels/farshore_quality-1.4.2-py3-none-any.whl";

/// The cluster that has it.
const WHEEL_CLUSTER: &str = "shared-analytics";

const WORKSPACE_FILES: [(&str, &str); 5] = [
    ("/Shared/Libraries/requirements.txt", "delta-spark==4.0.0\ngreat-expectations==1.5.8\npandas>=2.2,<3\n"),
    (
        "/Shared/Libraries/quality_rules.yml",
        "rules:\n  - name: not_null\n    severity: error\n  - name: in_range\n    severity: warning\n",
    ),
    (
        "/Shared/Libraries/Time/fiscal_periods.csv",
        "period,begins,ends\n2026-P01,2026-01-01,2026-01-31\n2026-P02,2026-02-01,2026-02-28\n\
         2026-P03,2026-03-01,2026-03-31\n",
    ),
    (
        "/Shared/Libraries/Connections/endpoints.json",
        "{\n  \"landing\": \"s3://farshore-landing/\",\n  \"archive\": \"s3://farshore-archive/\"\n}\n",
    ),
    (
        "/Production/README.md",
        "# Production\n\nNotebooks in numbered folders run in this order: bronze, silver, gold, checks.\n",
    ),
];

/// Name, whether it runs, source.
const INIT_SCRIPTS: [(&str, bool, &str); 2] = [
    (
        "company certificates",
        true,
        "#!/bin/bash\nset -euo pipefail\ncp /dbfs/FileStore/certificates/*.crt /usr/local/share/ca-certificates/\n\
         update-ca-certificates\n",
    ),
    (
        "monitoring agent",
        false,
        "#!/bin/bash\nset -euo pipefail\nbash /dbfs/FileStore/agents/install.sh --region \"${REGION:-unknown}\"\n",
    ),
];

pub(super) fn add(state: &mut State) {
    let now_ms = state.now_ms;
    for (index, (path, text)) in WORKSPACE_FILES.into_iter().enumerate() {
        tree::make_directory(state, tree::parent_of(path));
        let object_id = state.next_number();
        let created_ms = now_ms - (90 + 20 * index as i64) * DAY_MS;
        let modified_ms = created_ms + 60 * DAY_MS;
        state.tree.put(path, Node { object_id, created_ms, modified_ms, kind: NodeKind::file(text) });
    }
    add_wheel(state);
    dbfs::put_file(state, "/FileStore/certificates/farshore-root.crt", "-----BEGIN CERTIFICATE-----\n");
    dbfs::put_file(state, "/FileStore/agents/install.sh", "#!/bin/bash\necho installed\n");
    let creator = state.directory.admin_user_name();
    for (position, (name, is_enabled, source)) in INIT_SCRIPTS.into_iter().enumerate() {
        global_init_scripts::add(state, position, name.into(), STANDARD.encode(source), is_enabled, &creator);
    }
}

fn add_wheel(state: &mut State) {
    let files: [(&str, &[u8]); 3] = [
        (
            "farshore_quality/__init__.py",
            b"def is_complete(frame):\n    return not frame.isnull().values.any()\n",
        ),
        (
            "farshore_quality-1.4.2.dist-info/METADATA",
            b"Metadata-Version: 2.1\nName: farshore-quality\nVersion: 1.4.2\n",
        ),
        ("farshore_quality-1.4.2.dist-info/WHEEL", b"Wheel-Version: 1.0\nTag: py3-none-any\n"),
    ];
    dbfs::put_file(state, WHEEL, zip::write(files.into_iter()));
    if let Some(cluster) = state.clusters.values_mut().find(|cluster| cluster.name() == WHEEL_CLUSTER) {
        let spec = json!({"whl": format!("dbfs:{WHEEL}")});
        cluster.libraries.push(Library { spec, asked_ms: cluster.created_ms, leaving_ms: None });
    }
}
