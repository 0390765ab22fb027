@testable import PaymentPlatform
import Testing

/// The choices of the platform by name, and what they show.
@Suite struct PlatformSwitchTests {
  @Test func everyChoiceOfThePolicyHasASwitchOfItsName() {
    let properties = Mirror(reflecting: PlatformPolicy()).children.compactMap(\.label)
    #expect(properties.sorted() == PlatformSwitch.all.map(\.name).sorted())
  }

  @Test(arguments: PlatformSwitch.all.map(\.name))
  func aSwitchSetsItsPropertyAndNoOther(name: String) throws {
    let found = try #require(PlatformSwitch.all.first { $0.name == name })
    var policy = PlatformPolicy()
    let before = found.value(in: policy)
    #expect(found.set(before, in: &policy) && policy == PlatformPolicy())
    #expect(!found.set("nonsense", in: &policy) && policy == PlatformPolicy())
    let other =
      switch before {
      case "true": "false"
      case "false": "true"
      default:
        found.values.split(separator: ", ").map(String.init).first { $0 != before }
          .flatMap { Int64($0) == nil && $0.contains(" ") ? nil : $0 } ?? "7"
      }
    let value = found.set(other, in: &policy) ? other : "407"
    #expect(found.set(value, in: &policy) && found.value(in: policy) == value)
    let changed = zip(
      Mirror(reflecting: policy).children, Mirror(reflecting: PlatformPolicy()).children
    ).filter { "\($0.value)" != "\($1.value)" }.compactMap(\.0.label)
    #expect(changed == [name])
  }

  @Test func allCornerCasesAndContradictionsAreToBeHad() {
    let sources = PlatformCase.all.map(\.source)
    #expect(Set(sources) == Set((1...38).map { "D.\($0)" } + (1...16).map { "F.\($0)" }))
    #expect(sources.count == 54)
    let switches = Set(PlatformSwitch.all.map(\.name))
    for found in PlatformCase.all {
      #expect(!found.means.isEmpty)
      for case .policy(let name) in found.means {
        #expect(switches.contains(name), "\(found.source) names \(name)")
      }
    }
  }
}
