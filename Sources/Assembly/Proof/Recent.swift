internal import Ordering

/// Something of each order of a world, in the order in which they came: a dictionary's own must not
/// show, and of some forty orders the newest are asked for.
struct Recent<Value: Sendable>: Sendable {
  private(set) var numbers: [OrderNumber] = []
  private(set) var values: [Value] = []

  /// What there is of the order; to set it to nil takes the order out.
  subscript(number: OrderNumber) -> Value? {
    get { place(of: number).map { values[$0] } }
    set {
      switch (place(of: number), newValue) {
      case (let place?, let value?): values[place] = value
      case (let place?, nil):
        numbers.remove(at: place)
        values.remove(at: place)
      case (nil, let value?):
        numbers.append(number)
        values.append(value)
      case (nil, nil): break
      }
    }
  }

  /// Changes in its place what there is of the order; nothing when there is nothing.
  mutating func change(_ number: OrderNumber, _ body: (inout Value) -> Void) {
    if let place = place(of: number) { body(&values[place]) }
  }

  private func place(of number: OrderNumber) -> Int? {
    var place = numbers.count - 1
    while place >= 0, numbers[place] != number { place -= 1 }
    return place < 0 ? nil : place
  }
}
