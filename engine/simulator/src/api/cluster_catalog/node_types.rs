//! Machines that clusters can be made of, by cloud and family.

use super::sizes::*;

pub(super) const GENERAL: &str = "General Purpose";
pub(super) const MEMORY: &str = "Memory Optimized";
pub(super) const STORAGE: &str = "Storage Optimized";
pub(super) const COMPUTE: &str = "Compute Optimized";
pub(super) const GPU: &str = "GPU Accelerated";

/// Machines of several sizes that are otherwise alike.
#[derive(Debug)]
pub(super) struct Family {
    /// What ids have before and after the name of the size.
    pub(super) name: (&'static str, &'static str),
    pub(super) category: &'static str,
    pub(super) is_graviton: bool,
    pub(super) memory_mb_per_core: i64,
    pub(super) sizes: &'static [Size],
}

impl Family {
    /// The id of the machine of one size.
    pub(super) fn id(&self, size: &Size) -> String {
        format!("{}{}{}", self.name.0, size.name, self.name.1)
    }

    fn size(&self, id: &str) -> Option<&Size> {
        let name = id.strip_prefix(self.name.0)?.strip_suffix(self.name.1)?;
        self.sizes.iter().find(|size| size.name == name)
    }
}

/// The machine with that id out of some families.
pub(super) fn find(families: &'static [Family], id: &str) -> Option<(&'static Family, &'static Size)> {
    families.iter().find_map(|family| Some((family, family.size(id)?)))
}

const fn aws(name: &'static str, category: &'static str, mb: i64, sizes: &'static [Size]) -> Family {
    Family { name: (name, ""), category, is_graviton: false, memory_mb_per_core: mb, sizes }
}

const fn graviton(name: &'static str, category: &'static str, mb: i64, sizes: &'static [Size]) -> Family {
    Family { is_graviton: true, ..aws(name, category, mb, sizes) }
}

const fn azure(
    name: (&'static str, &'static str),
    category: &'static str,
    mb: i64,
    sizes: &'static [Size],
) -> Family {
    Family { name, ..aws("", category, mb, sizes) }
}

/// The sizes without the smallest one, which is called large.
const fn from_xlarge(sizes: &'static [Size]) -> &'static [Size] {
    match sizes.split_first() {
        Some((_, larger)) => larger,
        None => sizes,
    }
}

/// Databricks on AWS. Compute-optimised machines begin at xlarge there.
pub(super) static AWS: [Family; 45] = [
    aws("m5d.", GENERAL, 4_096, NVME),
    aws("m5.", GENERAL, 4_096, EBS),
    aws("m5a.", GENERAL, 4_096, EBS),
    aws("m4.", GENERAL, 4_096, FLEET),
    aws("m6i.", GENERAL, 4_096, EBS_OF_SIXTH),
    aws("m6id.", GENERAL, 4_096, NVME_OF_SIXTH),
    aws("m6a.", GENERAL, 4_096, EBS_OF_SIXTH),
    aws("m7i.", GENERAL, 4_096, EBS_OF_SEVENTH),
    aws("m7a.", GENERAL, 4_096, EBS_OF_SEVENTH),
    graviton("m6g.", GENERAL, 4_096, EBS_OF_GRAVITON),
    graviton("m6gd.", GENERAL, 4_096, NVME_OF_GRAVITON),
    graviton("m7g.", GENERAL, 4_096, EBS_OF_GRAVITON),
    graviton("m7gd.", GENERAL, 4_096, NVME_OF_GRAVITON),
    aws("m-fleet.", GENERAL, 4_096, FLEET),
    aws("md-fleet.", GENERAL, 4_096, FLEET),
    aws("r5d.", MEMORY, 8_192, NVME),
    aws("r5.", MEMORY, 8_192, EBS),
    aws("r5a.", MEMORY, 8_192, EBS),
    aws("r4.", MEMORY, 7_808, FLEET),
    aws("r6i.", MEMORY, 8_192, EBS_OF_SIXTH),
    aws("r6id.", MEMORY, 8_192, NVME_OF_SIXTH),
    aws("r6a.", MEMORY, 8_192, EBS_OF_SIXTH),
    aws("r7i.", MEMORY, 8_192, EBS_OF_SEVENTH),
    aws("r7a.", MEMORY, 8_192, EBS_OF_SEVENTH),
    graviton("r6g.", MEMORY, 8_192, EBS_OF_GRAVITON),
    graviton("r6gd.", MEMORY, 8_192, NVME_OF_GRAVITON),
    graviton("r7g.", MEMORY, 8_192, EBS_OF_GRAVITON),
    graviton("r7gd.", MEMORY, 8_192, NVME_OF_GRAVITON),
    aws("r-fleet.", MEMORY, 8_192, FLEET),
    aws("rd-fleet.", MEMORY, 8_192, FLEET),
    aws("i3.", STORAGE, 7_808, I3),
    aws("i3en.", STORAGE, 8_192, I3EN),
    aws("i4i.", STORAGE, 8_192, I4I),
    aws("c5d.", COMPUTE, 2_048, NVME_OF_C5),
    aws("c5.", COMPUTE, 2_048, EBS_OF_C5),
    aws("c4.", COMPUTE, 1_920, FLEET),
    aws("c6i.", COMPUTE, 2_048, from_xlarge(EBS_OF_SIXTH)),
    aws("c6id.", COMPUTE, 2_048, from_xlarge(NVME_OF_SIXTH)),
    aws("c7i.", COMPUTE, 2_048, from_xlarge(EBS_OF_SEVENTH)),
    graviton("c6g.", COMPUTE, 2_048, from_xlarge(EBS_OF_GRAVITON)),
    graviton("c6gd.", COMPUTE, 2_048, from_xlarge(NVME_OF_GRAVITON)),
    graviton("c7g.", COMPUTE, 2_048, from_xlarge(EBS_OF_GRAVITON)),
    aws("g4dn.", GPU, 4_096, G4DN),
    aws("g5.", GPU, 4_096, G5),
    aws("p3.", GPU, 7_808, P3),
];

/// Azure Databricks.
pub(super) static AZURE: [Family; 12] = [
    azure(
        ("Standard_DS", "_v2"),
        GENERAL,
        3_584,
        &[with_disks("3", 4, 1, 28), with_disks("4", 8, 1, 56), with_disks("5", 16, 1, 112)],
    ),
    azure(("Standard_D", "ds_v5"), GENERAL, 4_096, D_OF_V5),
    azure(("Standard_D", "ads_v5"), GENERAL, 4_096, D_OF_V5),
    azure(("Standard_D", "s_v5"), GENERAL, 4_096, WITHOUT_DISKS),
    azure(("Standard_D", "ds_v4"), GENERAL, 4_096, D_OF_V5),
    azure(("Standard_D", "s_v3"), GENERAL, 4_096, WITHOUT_DISKS),
    azure(("Standard_E", "ds_v4"), MEMORY, 8_192, D_OF_V5),
    azure(("Standard_E", "ds_v5"), MEMORY, 8_192, D_OF_V5),
    azure(("Standard_E", "ads_v5"), MEMORY, 8_192, D_OF_V5),
    azure(
        ("Standard_L", "s_v3"),
        STORAGE,
        8_192,
        &[with_disks("8", 8, 1, 1_920), with_disks("16", 16, 2, 1_920), with_disks("32", 32, 4, 1_920)],
    ),
    azure(
        ("Standard_F", "s_v2"),
        COMPUTE,
        2_048,
        &[with_disks("4", 4, 1, 32), with_disks("8", 8, 1, 64), with_disks("16", 16, 1, 128)],
    ),
    azure(
        ("Standard_NC", "as_T4_v3"),
        GPU,
        7_168,
        &[with_gpus("4", 4, 1, 180, 1), with_gpus("8", 8, 1, 360, 1), with_gpus("16", 16, 1, 360, 1)],
    ),
];

/// Databricks on Google Cloud.
pub(super) static GCP: [Family; 7] = [
    aws("n2-standard-", GENERAL, 4_096, N2),
    aws("n2d-standard-", GENERAL, 4_096, N2),
    aws("e2-standard-", GENERAL, 4_096, &[plain("4", 4), plain("8", 8), plain("16", 16), plain("32", 32)]),
    aws("n2-highmem-", MEMORY, 8_192, N2),
    aws("n2d-highmem-", MEMORY, 8_192, N2),
    aws("c2-standard-", COMPUTE, 4_096, N2),
    aws("n2-highcpu-", COMPUTE, 1_024, N2),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_have_the_figures_of_their_makers() {
        for (id, cores, memory_mb, disks, disk_gb, gpus) in [
            ("m5d.large", 2, 8_192, 1, 75, 0),
            ("m5.xlarge", 4, 16_384, 0, 0, 0),
            ("i3.xlarge", 4, 31_232, 1, 950, 0),
            ("i3.4xlarge", 16, 124_928, 2, 1_900, 0),
            ("r5d.2xlarge", 8, 65_536, 1, 300, 0),
            ("c5d.9xlarge", 36, 73_728, 1, 900, 0),
            ("m6gd.16xlarge", 64, 262_144, 2, 1_900, 0),
            ("g5.12xlarge", 48, 196_608, 1, 3_800, 4),
        ] {
            let Some((family, size)) = find(&AWS, id) else { panic!("{id} is not known") };
            let found =
                (size.cores, size.cores * family.memory_mb_per_core, size.disks, size.disk_gb, size.gpus);
            assert_eq!((family.id(size), found), (id.to_owned(), (cores, memory_mb, disks, disk_gb, gpus)));
        }
        assert!(
            find(&AWS, "zz").is_none()
                && find(&AWS, "m5d.").is_none()
                && find(&AWS, "Standard_DS3_v2").is_none()
        );
        assert!(find(&AZURE, "Standard_DS3_v2").is_some() && find(&GCP, "n2-highmem-8").is_some());
    }

    #[test]
    fn no_machine_is_listed_twice() {
        for families in [AWS.as_slice(), &AZURE, &GCP] {
            let ids: Vec<String> =
                families.iter().flat_map(|family| family.sizes.iter().map(|size| family.id(size))).collect();
            let distinct: std::collections::BTreeSet<&String> = ids.iter().collect();
            assert_eq!(ids.len(), distinct.len());
        }
    }
}
