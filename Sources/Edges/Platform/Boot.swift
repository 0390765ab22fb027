/// The kernel's present boot.
public enum Boot {
  /// A name that no other boot has; empty when nobody says it.
  ///
  /// The service manager's word (`VEND_BOOT`, systemd.unit(5) `%b`), since a unit with its own
  /// `/proc` does not see the kernel's: `/proc/sys/kernel/random/boot_id` (random(4)).
  public static var identifier: String {
    if let name = Environment["VEND_BOOT"], !name.isEmpty { return name }
    let text = (try? Files.readText("/proc/sys/kernel/random/boot_id")) ?? ""
    // As the service manager writes it.
    return text.filter { $0.isHexDigit }
  }
}
