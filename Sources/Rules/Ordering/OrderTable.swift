/// What is known of each of a few orders, by number.
///
/// The book holds the unfinished orders only, mostly one or two, and looks them up at every step:
/// a short sorted list beats a hash table there, and its order is the same in every run.
public struct OrderTable<Value> {
  private var numbers: [OrderNumber] = []
  /// All that is known, by number.
  public private(set) var values: [Value] = []

  /// An empty table.
  init() {}

  /// What is known of the order; nil, and set to nil, when nothing is.
  public internal(set) subscript(number: OrderNumber) -> Value? {
    get {
      let place = place(of: number)
      return isThere(number, place) ? values[place] : nil
    }
    set {
      let place = place(of: number)
      switch (newValue, isThere(number, place)) {
      case (.some(let value), true): values[place] = value
      case (.some(let value), false):
        numbers.insert(number, at: place)
        values.insert(value, at: place)
      case (nil, true):
        numbers.remove(at: place)
        values.remove(at: place)
      case (nil, false): break
      }
    }
  }

  /// Takes out what is known of the order.
  mutating func removeValue(forKey number: OrderNumber) -> Value? {
    let place = place(of: number)
    guard isThere(number, place) else { return nil }
    numbers.remove(at: place)
    return values.remove(at: place)
  }

  /// Changes what is known of the order in its place; nothing when nothing is.
  mutating func change(_ number: OrderNumber, _ body: (inout Value) -> Void) {
    let place = place(of: number)
    if isThere(number, place) { body(&values[place]) }
  }

  /// Whether anything is known of the order.
  public func contains(_ number: OrderNumber) -> Bool { isThere(number, place(of: number)) }

  /// The first of those with the least value.
  func least(by isLess: (Value, Value) -> Bool) -> (number: OrderNumber, value: Value)? {
    guard var found = values.indices.first else { return nil }
    for place in values.indices where isLess(values[place], values[found]) { found = place }
    return (numbers[found], values[found])
  }

  private func isThere(_ number: OrderNumber, _ place: Int) -> Bool {
    place < numbers.count && numbers[place] == number
  }

  /// Where the order is, or would be put: halving.
  private func place(of number: OrderNumber) -> Int {
    var (low, high) = (0, numbers.count)
    while low < high {
      let middle = (low + high) / 2
      if numbers[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension OrderTable: Sendable where Value: Sendable {}
extension OrderTable: Equatable where Value: Equatable {}
extension OrderTable: Hashable where Value: Hashable {}
