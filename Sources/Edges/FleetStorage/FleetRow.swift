package import Ordering

/// A row of a statement's answer, whatever the database.
package protocol FleetRow: ~Copyable {
  func isNull(_ column: Int32) -> Bool
  /// A column's whole number.
  func integer(_ column: Int32) throws(FleetError) -> Int64
  /// A column's text; `corrupt` when it is not UTF-8, since only UTF-8 was ever written.
  func word(_ column: Int32) throws(FleetError) -> String
}

extension FleetRow where Self: ~Copyable {
  package func optionalWord(_ column: Int32) throws(FleetError) -> String? {
    isNull(column) ? nil : try word(column)
  }

  package func number(_ column: Int32) throws(FleetError) -> OrderNumber {
    let text = try word(column)
    guard let number = OrderNumber(text) else { throw .corrupt("\"\(text)\" is no order number") }
    return number
  }

  package func state(_ column: Int32) throws(FleetError) -> OrderState {
    let text = try word(column)
    guard let state = OrderState(rawValue: text) else {
      throw .corrupt("\"\(text)\" is no state of an order")
    }
    return state
  }

  /// A row of all of a table's columns, as a copy holds it.
  package func values(of table: FleetTable) throws(FleetError) -> [FleetCopy.Value] {
    var values: [FleetCopy.Value] = []
    for (index, column) in table.columns.enumerated() {
      let index = Int32(index)
      if isNull(index) {
        values.append(.null)
      } else if column.isNumber {
        values.append(.integer(try integer(index)))
      } else {
        values.append(.text(try word(index)))
      }
    }
    return values
  }
}
