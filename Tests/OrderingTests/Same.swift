import Testing

/// `#expect` of equality for calls that change what they are called on: the macro refuses them.
func same<Value: Equatable>(
  _ found: Value, _ wanted: Value, _ comment: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found == wanted, comment, sourceLocation: sourceLocation)
}
