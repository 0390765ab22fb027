/// A value that does not change and lies elsewhere, so that copies of it are small and cheap: an
/// order's particulars are handed on many times, from state to event to record, for each time that
/// they are read.
public struct Boxed<Value: Sendable>: Sendable {
  private final class Place: Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
  }

  private let place: Place

  /// Boxes a value.
  public init(_ value: Value) { place = Place(value) }

  /// The value.
  public var value: Value { place.value }
}

extension Boxed: Equatable where Value: Equatable {
  public static func == (left: Self, right: Self) -> Bool {
    left.place === right.place || left.value == right.value
  }
}

extension Boxed: Hashable where Value: Hashable {
  public func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

extension Boxed: Encodable where Value: Encodable {
  /// Written as the value is.
  public func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
}

extension Boxed: Decodable where Value: Decodable {
  /// Read as the value is.
  public init(from decoder: any Decoder) throws { self.init(try Value(from: decoder)) }
}
