import Testing

/// The reading of Swift source on which the rules stand.
@Suite("The reading of Swift")
struct ScannerTests {
  private func code(_ text: String) -> String {
    String(decoding: SwiftText(text).code, as: UTF8.self)
  }

  @Test("comments and strings leave blanks of the same length, and code stays")
  func blanks() {
    let cases = [
      ("let a = 1 // b", "let a = 1     "),
      ("a /* b /* c */ d */ e", "a                   e"),
      ("x(\"try! y\") + z", "x(\"      \") + z"),
      ("x(\"a\\\"b\") ; y", "x(\"    \") ; y"),
      ("x(\"\\(y(\")\"))z\"); w", "x(\"  y(\" \")  \"); w"),
      ("#\"a\"b\\\"#.c", "#\"     \" .c"),
      ("\"\"\"\n a \"b\" //c\n\"\"\".d", "\"  \n          \n\"  .d"),
      ("f(of: /\"x{/) + g", "f(of:      ) + g"),
      ("a / b / c", "a / b / c"),
      ("reduce(1, /)", "reduce(1, /)"),
      ("\"unfinished\nlet b", "\"          \nlet b"),
    ]
    for (source, expected) in cases {
      let read = code(source)
      #expect(read.utf8.count == source.utf8.count, "\(source)")
      #expect(
        read.split(separator: " ") == expected.split(separator: " "), "\(source) became \(read)")
    }
  }

  @Test("any prefix of a hard file is read to its end")
  func prefixes() {
    let source = "let s = #\"\\#(a(\"/*\")) \"\"# /* \"\"\" */ + \"\"\"\n\\(b /* ) */)\n\"\"\" // é"
    for length in 0...source.utf8.count {
      let text = String(decoding: source.utf8.prefix(length), as: UTF8.self)
      #expect(SwiftText(text).code.count == text.utf8.count)
    }
  }

  @Test("a word is found whole, not in a longer one, a member, a comment or a string")
  func occurrences() {
    let text = SwiftText(
      "print(1); my.print(2); reprint(3) // print(4)\nlet a = \"print(5)\"\nprint(6)")
    #expect(text.occurrences(of: "print(").map { text.line(at: $0) } == [1, 3])
    #expect(SwiftText("try! a; try b").occurrences(of: "try!") == [0])
    #expect(SwiftText("@Test func a()").occurrences(of: "@Test") == [0])
  }

  @Test("a function is measured from its keyword to its closing brace")
  func functions() {
    let source = """
      protocol P {
        func bodiless(_ a: Int) -> [Int]
        init(b: Int)
        func next() throws(E) -> (Int, Int)
      }
      struct S {
        init(a: () -> Void = { print("}") }) {
          self.a = "{"
        }
        func long<T>(
          _ a: T
        ) -> [T] where T: P {
          func inner() { }
          return []
        }
        deinit { free() }
        func wrapped()
          throws -> Int
        {
          1
        }
      }
      """
    let found = SwiftText(source).functions.map { "\($0.name) \($0.line) \($0.length)" }
    #expect(
      found == ["init 7 3", "long 10 6", "inner 13 1", "deinit 16 1", "wrapped 17 5"])
  }
}
