import Pixels
import Testing

@Suite("Turning a picture")
struct FrameRotationTests {
  /// Every pixel another colour.
  static let picture: Frame = {
    var frame = Frame(width: 5, height: 3)
    for y in 0..<3 { for x in 0..<5 { frame[x, y] = Colour(rgb565: UInt16(y * 16 + x + 1)) } }
    return frame
  }()

  @Test func cornersGoWhereAHandOfTheClockTakesThem() {
    let picture = Self.picture
    let (topLeft, topRight) = (picture[0, 0], picture[4, 0])
    let quarter = picture.rotated(.quarter)
    #expect((quarter.width, quarter.height) == (3, 5))
    #expect(quarter[2, 0] == topLeft && quarter[2, 4] == topRight)
    let half = picture.rotated(.half)
    #expect((half.width, half.height) == (5, 3))
    #expect(half[4, 2] == topLeft && half[0, 2] == topRight)
    let last = picture.rotated(.threeQuarters)
    #expect((last.width, last.height) == (3, 5))
    #expect(last[0, 4] == topLeft && last[0, 0] == topRight)
  }

  @Test func fourQuartersAreThePictureAgainAndEachStepIsOneMore() {
    let picture = Self.picture
    #expect(picture.rotated(.none) == picture)
    #expect(picture.rotated(.quarter).rotated(.quarter) == picture.rotated(.half))
    #expect(picture.rotated(.half).rotated(.quarter) == picture.rotated(.threeQuarters))
    #expect(picture.rotated(.threeQuarters).rotated(.quarter) == picture)
  }
}
