#pragma once

#include <span>
#include <string>
#include <vector>

#include "tests/tidy/source_file.hpp"

namespace hearsay::tidy {

struct Include {
  std::string path;     ///< Between the quotes or angle brackets.
  bool quoted = false;  ///< "..." rather than <...>.
  int line = 0;
};

/// The #include lines of a C++ file, those inside raw strings left out.
std::vector<Include> includes_of(const SourceFile& file);

/// A folder's files include only the folders below it in the arrows of ARCHITECTURE.md:
/// base <- topologies, aggregators <- node <- scenarios, results <- main; quoted includes
/// start at the repository root, those of generated files apart.
std::vector<Violation> check_arrows(const SourceFile& file);

/// Headers of other projects, and of the standard library's threads and clocks, stay
/// behind the folder that owns them (torch, sockets, Protobuf, YAML).
std::vector<Violation> check_foreign_headers(const SourceFile& file);

/// A .cpp beside a header of its name includes that header first, so that every such
/// header is known to compile alone.
std::vector<Violation> check_own_header_first(const SourceFile& file,
                                              std::span<const SourceFile> tree);

/// Files that get torch through other headers although their folder is not to: torch
/// costs 13 s of compilation each time.
std::vector<Violation> check_torch_reach(std::span<const SourceFile> tree);

}  // namespace hearsay::tidy
