/** Names of file systems by the number that Linux's statfs answers. */
const BY_MAGIC: Readonly<Record<number, string>> = {
  61267: "ext4",
  1481003842: "xfs",
  2435016766: "btrfs",
  801189825: "zfs",
  4076150800: "f2fs",
  3393526350: "bcachefs",
  16914836: "tmpfs",
  2240043254: "ramfs",
  2035054128: "overlayfs",
  1635083891: "aufs",
  26985: "nfs",
  4283649346: "cifs",
  4266872130: "smb",
  20859: "smb",
  16914839: "9p",
  12805120: "ceph",
  1397113167: "afs",
  1799439955: "afs",
  198183888: "lustre",
  1196443219: "gpfs",
  18225520: "gfs2",
  1952539503: "ocfs2",
  1702057286: "fuse",
  2020557398: "vboxsf",
  19780: "vfat",
  538032816: "exfat",
  1397118030: "ntfs",
  1936094318: "ntfs",
  1936814952: "squashfs",
  3774210530: "erofs",
  38496: "iso9660",
};

/** `0x` and the number where the name is not known. */
export function fileSystemName(magic: number): string {
  // 32 bits, as some kernels sign-extend it.
  const number = magic >>> 0;
  return BY_MAGIC[number] ?? `0x${number.toString(16)}`;
}
