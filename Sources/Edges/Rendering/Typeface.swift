internal import CFreeType

/// One face of a font file, drawn by FreeType, with the glyphs that were drawn lately.
///
/// One thread uses it at a time.
@safe
final class Typeface {
  /// A drawn character: what it covers, and where it sits on the line.
  struct Glyph {
    var width: Int
    var height: Int
    /// From the pen to the leftmost column.
    var left: Int
    /// From the baseline up to the topmost row.
    var top: Int
    var advance: Int
    /// A byte a pixel, 255 where it covers all.
    var coverage: [UInt8]
    /// Whether the font has no such character and this is a box in its stead.
    var isMissing: Bool
  }

  /// What a glyph is drawn with.
  struct Style: Hashable {
    /// Pixels of the em square.
    var size: Int
    var isBold: Bool
  }

  private struct Key: Hashable {
    var scalar: Unicode.Scalar
    var style: Style
  }

  /// Bytes of coverage that are kept; all are dropped when it is reached, which is rare.
  private static let cacheLimit = 256 * 1024
  private let file: FontFile
  private let library: FT_Library
  private let face: FT_Face
  private var cache: [Key: Glyph] = [:]
  private var cachedBytes = 0
  private var sizeInUse = 0
  private var wasFileRead = true

  /// Opens the file's first face.
  init(path: String) throws(RenderingError) {
    file = try FontFile(path: path)
    var library: FT_Library?
    guard unsafe FT_Init_FreeType(&library) == 0, let library = unsafe library else {
      throw .fontUnreadable("FreeType does not start")
    }
    var face: FT_Face?
    let bytes = unsafe file.start.assumingMemoryBound(to: FT_Byte.self)
    let error = unsafe FT_New_Memory_Face(library, bytes, FT_Long(file.count), 0, &face)
    guard error == 0, let face = unsafe face else {
      unsafe FT_Done_FreeType(library)
      throw .fontUnreadable("\(path): FreeType error \(error)")
    }
    guard unsafe face.pointee.face_flags & FT_Long(FT_FACE_FLAG_SCALABLE) != 0 else {
      unsafe FT_Done_Face(face)
      unsafe FT_Done_FreeType(library)
      throw .fontUnreadable("\(path): not an outline font")
    }
    unsafe (self.library, self.face) = (library, face)
  }

  deinit {
    unsafe FT_Done_Face(face)
    unsafe FT_Done_FreeType(library)
  }

  /// Pixels from the baseline up to the top of most characters, and down below it.
  ///
  /// Whatever a damaged file says, a line is about as high as its characters are large.
  func extent(size: Int) -> (ascent: Int, descent: Int) {
    let unit = max(1, Int(unsafe face.pointee.units_per_EM))
    let ascent = (Int(unsafe face.pointee.ascender) * size + unit - 1) / unit
    let descent = (-Int(unsafe face.pointee.descender) * size + unit - 1) / unit
    return (max(size * 2 / 3, min(size * 2, ascent)), max(0, min(size, descent)))
  }

  /// The drawn character; a box when the font does not have it.
  func glyph(_ scalar: Unicode.Scalar, _ style: Style) -> Glyph {
    let key = Key(scalar: scalar, style: style)
    if let known = cache[key] { return known }
    wasFileRead = true
    let glyph = draw(scalar, style) ?? Self.box(style.size)
    if cachedBytes + glyph.coverage.count > Self.cacheLimit {
      cache.removeAll(keepingCapacity: true)
      cachedBytes = 0
    }
    cachedBytes += glyph.coverage.count
    cache[key] = glyph
    return glyph
  }

  /// Lets go of what only drawing needs; the drawn glyphs stay.
  func rest() {
    guard wasFileRead else { return }
    file.release()
    wasFileRead = false
  }

  /// How far the pen moves; nothing is drawn for it.
  func advance(_ scalar: Unicode.Scalar, _ style: Style) -> Int { glyph(scalar, style).advance }

  private func draw(_ scalar: Unicode.Scalar, _ style: Style) -> Glyph? {
    let index = unsafe FT_Get_Char_Index(face, FT_ULong(scalar.value))
    guard index != 0 else { return nil }
    if sizeInUse != style.size {
      guard unsafe FT_Set_Pixel_Sizes(face, 0, FT_UInt(style.size)) == 0 else { return nil }
      sizeInUse = style.size
    }
    // Unhinted: the automatic hinter's tables for Chinese would cost more memory than all else
    // here.
    let flags = FT_Int32(FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP)
    guard unsafe FT_Load_Glyph(face, index, flags) == 0, let slot = unsafe face.pointee.glyph else {
      return nil
    }
    var advance = Int(unsafe slot.pointee.advance.x)
    if style.isBold, unsafe slot.pointee.format == FT_GLYPH_FORMAT_OUTLINE {
      let strength = FT_Pos(max(24, style.size * 64 / 28))
      unsafe FT_Outline_Embolden(&slot.pointee.outline, strength)
      advance += strength
    }
    guard unsafe FT_Render_Glyph(slot, FT_RENDER_MODE_NORMAL) == 0 else { return nil }
    return unsafe Self.copy(slot, advance: (advance + 32) / 64)
  }

  private static func copy(_ slot: FT_GlyphSlot, advance: Int) -> Glyph? {
    let bitmap = unsafe slot.pointee.bitmap
    let (width, height) = (Int(unsafe bitmap.width), Int(unsafe bitmap.rows))
    var coverage: [UInt8] = []
    if width > 0, height > 0 {
      guard unsafe bitmap.pixel_mode == UInt8(FT_PIXEL_MODE_GRAY.rawValue),
        let buffer = unsafe bitmap.buffer, unsafe bitmap.pitch >= bitmap.width
      else { return nil }
      coverage.reserveCapacity(width * height)
      for row in 0..<height {
        let start = unsafe buffer + row * Int(bitmap.pitch)
        unsafe coverage.append(contentsOf: UnsafeBufferPointer(start: start, count: width))
      }
    }
    return Glyph(
      width: width, height: height, left: Int(unsafe slot.pointee.bitmap_left),
      top: Int(unsafe slot.pointee.bitmap_top), advance: advance, coverage: coverage,
      isMissing: false)
  }

  private static func box(_ size: Int) -> Glyph {
    let side = max(4, size * 3 / 4)
    let line = max(1, size / 16)
    var coverage = Array(repeating: UInt8(255), count: side * side)
    for row in line..<(side - line) {
      for column in line..<(side - line) { coverage[row * side + column] = 0 }
    }
    return Glyph(
      width: side, height: side, left: max(1, size / 12), top: side, advance: side + size / 6,
      coverage: coverage, isMissing: true)
  }
}
