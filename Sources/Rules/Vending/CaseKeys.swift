/// Names of the values of a case that is written down: one enumeration for all cases whose values
/// have the same labels.
///
/// Swift makes the same of every case by itself, with all that a key must be able to do, which is
/// a few kilobytes of program for each; what is written does not differ. An enumeration names the
/// keys of its case `a` by a type `ACodingKeys`.
package enum CaseKeys {
  /// A case without values.
  package enum Nothing: CodingKey {}

  // swift-format-ignore: NoLeadingUnderscores
  /// A value without a label.
  package enum Value: CodingKey { case _0 }

  // swift-format-ignore: NoLeadingUnderscores
  /// Two values without labels.
  package enum Pair: CodingKey { case _0, _1 }

  /// A lane.
  package enum Lane: CodingKey { case lane }

  /// What a lane is to hold.
  package enum LanePieces: CodingKey { case lane, pieces }

  /// A time to wait.
  package enum Seconds: CodingKey { case seconds }
}
