#include "tests/tidy/banned_rules.hpp"

#include <algorithm>
#include <cctype>
#include <string>

namespace hearsay::tidy {
namespace {

enum class Form {
  kName,    ///< A name with its qualifiers: std::shuffle.
  kCall,    ///< The same, followed by '('.
  kPhrase,  ///< Characters of the code, spaces included.
  kNote,    ///< A whole word anywhere, comments included.
};

struct Banned {
  Form form;
  std::string_view pattern;
  std::vector<std::string_view> folders;  ///< Empty: everywhere.
  std::string_view instead;
};

/// Where time is virtual. Reports may time their own work with node/base/stopwatch.hpp.
const std::vector<std::string_view>& timeless_folders() {
  static const std::vector<std::string_view> folders = {
      "aggregators/",    "node/codecs/",     "node/data/", "node/learning/",
      "node/protocols/", "node/runtime/sim", "topologies/"};
  return folders;
}

const std::vector<Banned>& banned_list() {
  constexpr std::string_view kRng = "hearsay::Rng (node/base/rng.hpp)";
  constexpr std::string_view kVirtual = "the time that the runtime passes in (SimTime)";
  constexpr std::string_view kWait = "wait for the event itself";
  static const std::vector<Banned> list = {
      {Form::kName, "std::random_device", {}, kRng},
      {Form::kName, "std::mt19937*", {}, kRng},
      {Form::kName, "std::default_random_engine", {}, kRng},
      {Form::kName, "std::*_distribution", {}, kRng},
      {Form::kCall, "rand", {}, kRng},
      {Form::kCall, "srand", {}, kRng},
      {Form::kCall, "std::rand", {}, kRng},
      {Form::kCall, "std::srand", {}, kRng},
      {Form::kName, "std::shuffle", {}, "Rng::shuffle"},
      {Form::kName, "std::ranges::shuffle", {}, "Rng::shuffle"},
      {Form::kName, "std::random_shuffle", {}, "Rng::shuffle"},
      {Form::kName, "std::sample", {}, "Rng::shuffle and a prefix"},
      {Form::kCall, "assert", {}, "HEARSAY_CHECK, which stays on in release builds"},
      {Form::kPhrase, "catch (...)", {}, "catch (const std::exception&)"},
      {Form::kPhrase, "using namespace std", {}, "the qualified name"},
      {Form::kName, "*system_clock*", timeless_folders(), kVirtual},
      {Form::kName, "*steady_clock*", timeless_folders(), kVirtual},
      {Form::kName, "*high_resolution_clock*", timeless_folders(), kVirtual},
      {Form::kCall, "clock_gettime", timeless_folders(), kVirtual},
      {Form::kCall, "gettimeofday", timeless_folders(), kVirtual},
      {Form::kCall, "std::time", timeless_folders(), kVirtual},
      {Form::kName, "Stopwatch", {"aggregators/", "node/protocols/", "topologies/"}, kVirtual},
      {Form::kName, "*sleep_for", {"tests/"}, kWait},
      {Form::kName, "*sleep_until", {"tests/"}, kWait},
      {Form::kCall, "*usleep", {"tests/"}, kWait},
      {Form::kCall, "*nanosleep", {"tests/"}, kWait},
      {Form::kCall, "sleep", {"tests/"}, kWait},
      {Form::kNote,
       "TO"
       "DO",
       {},
       "finish it, or leave it out and say so in a document"},
      {Form::kNote,
       "FIX"
       "ME",
       {},
       "repair it"},
      {Form::kNote,
       "XX"
       "X",
       {},
       "a sentence"},
  };
  return list;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// A name of the code with its qualifiers, as written.
struct Name {
  std::string_view text;
  std::size_t at;
  bool called;
};

std::vector<Name> names_of(std::string_view code) {
  std::vector<Name> names;
  for (std::size_t at = 0; at < code.size();) {
    std::size_t end = at;
    while (end < code.size() &&
           (is_word(code[end]) || (end > at && code.substr(end).starts_with("::")))) {
      end += is_word(code[end]) ? 1 : 2;
    }
    if (end > at)
      names.push_back({code.substr(at, end - at), at, code.substr(end).starts_with('(')});
    at = std::max(end, at + 1);
  }
  return names;
}

void find_text(const SourceFile& file, const Banned& banned, std::vector<std::size_t>& hits) {
  const bool note = banned.form == Form::kNote;
  const std::string_view text = note ? file.text : file.code;
  for (std::size_t at = text.find(banned.pattern); at != std::string_view::npos;
       at = text.find(banned.pattern, at + 1)) {
    const std::size_t end = at + banned.pattern.size();
    const bool part_of_word =
        (at > 0 && is_word(text[at - 1])) || (end < text.size() && is_word(text[end]));
    if (!part_of_word || !note) hits.push_back(at);
  }
}

bool applies_to(const Banned& banned, const SourceFile& file) {
  if (banned.form != Form::kNote && !file.is_cpp()) return false;
  return banned.folders.empty() ||
         std::ranges::any_of(banned.folders, [&](auto folder) { return file.is_in(folder); });
}

}  // namespace

bool matches(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern.front() != '*') {
    return name.starts_with(pattern.front()) && matches(pattern.substr(1), name.substr(1));
  }
  return matches(pattern.substr(1), name) || (!name.empty() && matches(pattern, name.substr(1)));
}

std::vector<Violation> check_banned(const SourceFile& file) {
  std::vector<Violation> found;
  const std::vector<Name> names = names_of(file.is_cpp() ? file.code : std::string_view());
  for (const Banned& banned : banned_list()) {
    if (!applies_to(banned, file)) continue;
    std::vector<std::size_t> hits;
    if (banned.form == Form::kPhrase || banned.form == Form::kNote) {
      find_text(file, banned, hits);
    } else {
      for (const Name& name : names) {
        const bool fits = banned.form == Form::kName || name.called;
        if (fits && matches(banned.pattern, name.text)) hits.push_back(name.at);
      }
    }
    for (const std::size_t at : hits) {
      found.push_back({file.path, line_at(file.text, at),
                       std::string(banned.pattern) + "; use " + std::string(banned.instead)});
    }
  }
  return found;
}

}  // namespace hearsay::tidy
