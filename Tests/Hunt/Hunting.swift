import Audit
import Platform
import Proof

/// Looks for the first violation in the grounds that it is told, each after the other:
/// `hunt WORLDS WORLDS-WITH-BYTES GROUND...`.
///
/// Prints ground, place, invariant and words, with tabs between them, and exits 1; or nothing, and
/// exits 0. `board/mutate` runs it against programs that have a mistake.
@main struct Hunting {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    let grounds = arguments.dropFirst(2).compactMap(Hunt.Ground.init(rawValue:))
    guard arguments.count == grounds.count + 2, !grounds.isEmpty,
      let worlds = arguments.first.flatMap({ Int($0) }),
      let worldsWithBytes = arguments.dropFirst().first.flatMap({ Int($0) })
    else { Process.exit(2) }
    let hunt = Hunt(worlds: worlds, worldsWithBytes: worldsWithBytes)
    for ground in grounds {
      guard let found = hunt.search(ground) else { continue }
      let words = [
        ground.rawValue, found.place, "\(found.violation.invariant)", found.violation.words,
      ]
      StandardOutput.write(words.joined(separator: "\t") + "\n")
      Process.exit(1)
    }
  }
}
