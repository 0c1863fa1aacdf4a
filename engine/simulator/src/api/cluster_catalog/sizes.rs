//! The sizes that machines come in.

/// One size of a family.
#[derive(Debug)]
pub(super) struct Size {
    pub(super) name: &'static str,
    pub(super) cores: i64,
    pub(super) disks: i64,
    /// GB of each disk.
    pub(super) disk_gb: i64,
    pub(super) gpus: i64,
}

pub(super) const fn plain(name: &'static str, cores: i64) -> Size {
    with_disks(name, cores, 0, 0)
}

pub(super) const fn with_disks(name: &'static str, cores: i64, disks: i64, disk_gb: i64) -> Size {
    with_gpus(name, cores, disks, disk_gb, 0)
}

pub(super) const fn with_gpus(name: &'static str, cores: i64, disks: i64, disk_gb: i64, gpus: i64) -> Size {
    Size { name, cores, disks, disk_gb, gpus }
}

pub(super) const EBS: &[Size] = &[
    plain("large", 2),
    plain("xlarge", 4),
    plain("2xlarge", 8),
    plain("4xlarge", 16),
    plain("8xlarge", 32),
    plain("12xlarge", 48),
    plain("16xlarge", 64),
    plain("24xlarge", 96),
];
pub(super) const EBS_OF_SIXTH: &[Size] = &[
    plain("large", 2),
    plain("xlarge", 4),
    plain("2xlarge", 8),
    plain("4xlarge", 16),
    plain("8xlarge", 32),
    plain("12xlarge", 48),
    plain("16xlarge", 64),
    plain("24xlarge", 96),
    plain("32xlarge", 128),
];
pub(super) const EBS_OF_SEVENTH: &[Size] = &[
    plain("large", 2),
    plain("xlarge", 4),
    plain("2xlarge", 8),
    plain("4xlarge", 16),
    plain("8xlarge", 32),
    plain("12xlarge", 48),
    plain("16xlarge", 64),
    plain("24xlarge", 96),
    plain("48xlarge", 192),
];
pub(super) const EBS_OF_C5: &[Size] = &[
    plain("xlarge", 4),
    plain("2xlarge", 8),
    plain("4xlarge", 16),
    plain("9xlarge", 36),
    plain("12xlarge", 48),
    plain("18xlarge", 72),
    plain("24xlarge", 96),
];
pub(super) const EBS_OF_GRAVITON: &[Size] = &[
    plain("large", 2),
    plain("xlarge", 4),
    plain("2xlarge", 8),
    plain("4xlarge", 16),
    plain("8xlarge", 32),
    plain("12xlarge", 48),
    plain("16xlarge", 64),
];
pub(super) const FLEET: &[Size] =
    &[plain("xlarge", 4), plain("2xlarge", 8), plain("4xlarge", 16), plain("8xlarge", 32)];
pub(super) const NVME: &[Size] = &[
    with_disks("large", 2, 1, 75),
    with_disks("xlarge", 4, 1, 150),
    with_disks("2xlarge", 8, 1, 300),
    with_disks("4xlarge", 16, 2, 300),
    with_disks("8xlarge", 32, 2, 600),
    with_disks("12xlarge", 48, 2, 900),
    with_disks("16xlarge", 64, 4, 600),
    with_disks("24xlarge", 96, 4, 900),
];
pub(super) const NVME_OF_SIXTH: &[Size] = &[
    with_disks("large", 2, 1, 118),
    with_disks("xlarge", 4, 1, 237),
    with_disks("2xlarge", 8, 1, 474),
    with_disks("4xlarge", 16, 1, 950),
    with_disks("8xlarge", 32, 2, 950),
    with_disks("12xlarge", 48, 2, 1_425),
    with_disks("16xlarge", 64, 2, 1_900),
    with_disks("24xlarge", 96, 4, 1_425),
    with_disks("32xlarge", 128, 4, 1_900),
];
pub(super) const NVME_OF_GRAVITON: &[Size] = &[
    with_disks("large", 2, 1, 118),
    with_disks("xlarge", 4, 1, 237),
    with_disks("2xlarge", 8, 1, 474),
    with_disks("4xlarge", 16, 1, 950),
    with_disks("8xlarge", 32, 1, 1_900),
    with_disks("12xlarge", 48, 2, 1_425),
    with_disks("16xlarge", 64, 2, 1_900),
];
pub(super) const NVME_OF_C5: &[Size] = &[
    with_disks("xlarge", 4, 1, 100),
    with_disks("2xlarge", 8, 1, 200),
    with_disks("4xlarge", 16, 1, 400),
    with_disks("9xlarge", 36, 1, 900),
    with_disks("12xlarge", 48, 2, 900),
    with_disks("18xlarge", 72, 2, 900),
    with_disks("24xlarge", 96, 4, 900),
];
pub(super) const I3: &[Size] = &[
    with_disks("large", 2, 1, 475),
    with_disks("xlarge", 4, 1, 950),
    with_disks("2xlarge", 8, 1, 1_900),
    with_disks("4xlarge", 16, 2, 1_900),
    with_disks("8xlarge", 32, 4, 1_900),
    with_disks("16xlarge", 64, 8, 1_900),
];
pub(super) const I3EN: &[Size] = &[
    with_disks("large", 2, 1, 1_250),
    with_disks("xlarge", 4, 1, 2_500),
    with_disks("2xlarge", 8, 2, 2_500),
    with_disks("3xlarge", 12, 1, 7_500),
    with_disks("6xlarge", 24, 2, 7_500),
    with_disks("12xlarge", 48, 4, 7_500),
    with_disks("24xlarge", 96, 8, 7_500),
];
pub(super) const I4I: &[Size] = &[
    with_disks("large", 2, 1, 468),
    with_disks("xlarge", 4, 1, 937),
    with_disks("2xlarge", 8, 1, 1_875),
    with_disks("4xlarge", 16, 1, 3_750),
    with_disks("8xlarge", 32, 2, 3_750),
    with_disks("16xlarge", 64, 4, 3_750),
    with_disks("32xlarge", 128, 8, 3_750),
];
pub(super) const G4DN: &[Size] = &[
    with_gpus("xlarge", 4, 1, 125, 1),
    with_gpus("2xlarge", 8, 1, 225, 1),
    with_gpus("4xlarge", 16, 1, 225, 1),
    with_gpus("8xlarge", 32, 1, 900, 1),
    with_gpus("12xlarge", 48, 1, 900, 4),
    with_gpus("16xlarge", 64, 1, 900, 1),
];
pub(super) const G5: &[Size] = &[
    with_gpus("xlarge", 4, 1, 250, 1),
    with_gpus("2xlarge", 8, 1, 450, 1),
    with_gpus("4xlarge", 16, 1, 600, 1),
    with_gpus("8xlarge", 32, 1, 900, 1),
    with_gpus("12xlarge", 48, 1, 3_800, 4),
    with_gpus("16xlarge", 64, 1, 1_900, 1),
    with_gpus("24xlarge", 96, 1, 3_800, 4),
    with_gpus("48xlarge", 192, 2, 3_800, 8),
];
pub(super) const P3: &[Size] = &[
    with_gpus("2xlarge", 8, 0, 0, 1),
    with_gpus("8xlarge", 32, 0, 0, 4),
    with_gpus("16xlarge", 64, 0, 0, 8),
];

pub(super) const D_OF_V5: &[Size] = &[
    with_disks("4", 4, 1, 150),
    with_disks("8", 8, 1, 300),
    with_disks("16", 16, 1, 600),
    with_disks("32", 32, 1, 1_200),
    with_disks("48", 48, 1, 1_800),
    with_disks("64", 64, 1, 2_400),
    with_disks("96", 96, 1, 3_600),
];
pub(super) const WITHOUT_DISKS: &[Size] = &[
    plain("4", 4),
    plain("8", 8),
    plain("16", 16),
    plain("32", 32),
    plain("48", 48),
    plain("64", 64),
    plain("96", 96),
];

pub(super) const N2: &[Size] = &[
    with_disks("4", 4, 1, 375),
    with_disks("8", 8, 1, 375),
    with_disks("16", 16, 2, 375),
    with_disks("32", 32, 4, 375),
    with_disks("48", 48, 4, 375),
    with_disks("64", 64, 4, 375),
];
