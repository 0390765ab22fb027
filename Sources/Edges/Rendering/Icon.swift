internal import Pixels

/// The pictures above the headlines, drawn from strokes so that they fit any size.
enum Icon: CaseIterable {
  case keypad, check, cross, warning, clock, dots, tray

  /// Paints the icon into a square.
  func paint(on canvas: inout Canvas, in square: Rectangle, _ colour: Colour) {
    let side = Float(square.width)
    func at(_ x: Float, _ y: Float) -> Canvas.Point {
      Canvas.Point(x: Float(square.x) + x * side, y: Float(square.y) + y * side)
    }
    let bold = side * 0.085
    switch self {
    case .keypad: paintKeypad(on: &canvas, side: side, at: at)
    case .check:
      canvas.disc(at(0.5, 0.5), radius: side / 2, colour)
      canvas.stroke([at(0.28, 0.52), at(0.44, 0.67), at(0.73, 0.36)], width: bold, .white)
    case .cross:
      canvas.disc(at(0.5, 0.5), radius: side / 2, colour)
      canvas.stroke([at(0.34, 0.34), at(0.66, 0.66)], width: bold, .white)
      canvas.stroke([at(0.66, 0.34), at(0.34, 0.66)], width: bold, .white)
    case .warning:
      canvas.disc(at(0.5, 0.5), radius: side / 2, colour)
      canvas.stroke([at(0.5, 0.25), at(0.5, 0.55)], width: bold, .white)
      canvas.disc(at(0.5, 0.73), radius: bold * 0.65, .white)
    case .clock:
      canvas.disc(at(0.5, 0.5), radius: side / 2, colour)
      canvas.stroke([at(0.5, 0.24), at(0.5, 0.52), at(0.69, 0.63)], width: bold, .white)
    case .dots:
      canvas.ring(at(0.5, 0.5), radius: side * 0.46, width: side * 0.05, Palette.faint)
      for x: Float in [0.28, 0.5, 0.72] { canvas.disc(at(x, 0.5), radius: side * 0.06, colour) }
    case .tray:
      canvas.stroke([at(0.5, 0.06), at(0.5, 0.62)], width: bold, colour)
      canvas.stroke([at(0.29, 0.42), at(0.5, 0.64), at(0.71, 0.42)], width: bold, colour)
      canvas.stroke(
        [at(0.1, 0.62), at(0.1, 0.92), at(0.9, 0.92), at(0.9, 0.62)], width: bold, Palette.ink)
    }
  }

  /// A keypad with one key lit.
  private func paintKeypad(
    on canvas: inout Canvas, side: Float, at: (Float, Float) -> Canvas.Point
  ) {
    for row in 0..<4 {
      for column in 0..<3 {
        let isLit = row == 1 && column == 1
        canvas.disc(
          at(0.2 + 0.3 * Float(column), 0.125 + 0.25 * Float(row)), radius: side * 0.085,
          isLit ? Palette.accent : Palette.faint)
      }
    }
  }
}
