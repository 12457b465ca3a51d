#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hearsay::tidy {

enum class BlockKind { kNamespace, kClass, kEnum, kFunction, kOther };

/// A brace-enclosed part of a C++ file with what stands before it.
struct Block {
  BlockKind kind = BlockKind::kOther;
  std::string header;         ///< From the end of the previous declaration to the brace.
  std::size_t header_at = 0;  ///< Offset of the header's first character that is no space.
  std::size_t open = 0;       ///< Offset of '{'.
  std::size_t close = 0;      ///< Offset of the matching '}'.
};

/// The blocks at namespace and class level of `code` (literals blanked), outermost first.
/// What is inside a function is part of that function. A lambda that initialises a
/// variable at this level counts as a function. A scanner, not a parser: it knows the
/// forms that clang-format leaves, not all of C++.
std::vector<Block> find_blocks(std::string_view code);

}  // namespace hearsay::tidy
