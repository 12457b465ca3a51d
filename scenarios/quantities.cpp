#include "scenarios/quantities.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace hearsay {
namespace {

constexpr std::string_view kDigits = "0123456789";

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of(kDigits) == std::string_view::npos;
}

template <class Integer>
std::optional<std::string> parse_integer(std::string_view text, Integer& value) {
  const bool negative = text.starts_with('-');
  if (!is_digits(text.substr(negative ? 1 : 0))) {
    return "expected an integer, got " + shown(text);
  }
  Integer parsed{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (error != std::errc() || end != text.data() + text.size()) {
    return "must be between " + std::to_string(std::numeric_limits<Integer>::min()) + " and " +
           std::to_string(std::numeric_limits<Integer>::max()) + ", got " + std::string(text);
  }
  value = parsed;
  return std::nullopt;
}

/// A finite number that is all of `text`.
std::optional<double> number_in(std::string_view text) {
  double parsed = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(parsed)) return std::nullopt;
  return parsed + 0.0;  // Minus zero becomes zero: equal values print alike.
}

/// `-12.5ms` taken apart.
struct Quantity {
  std::string_view number;  ///< All before the unit.
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;  ///< Empty without a decimal point.
  std::string_view unit;
};

/// Nothing unless `text` starts with a decimal number (no exponent).
std::optional<Quantity> split_quantity(std::string_view text) {
  const auto digits_from = [&](std::size_t start) {
    const std::size_t end = text.find_first_not_of(kDigits, start);
    return text.substr(start, (end == std::string_view::npos ? text.size() : end) - start);
  };
  Quantity quantity;
  quantity.negative = text.starts_with('-');
  std::size_t position = quantity.negative ? 1 : 0;
  quantity.whole = digits_from(position);
  if (quantity.whole.empty()) return std::nullopt;
  position += quantity.whole.size();
  if (position < text.size() && text[position] == '.') {
    quantity.fraction = digits_from(position + 1);
    if (quantity.fraction.empty()) return std::nullopt;
    position += 1 + quantity.fraction.size();
  }
  quantity.number = text.substr(0, position);
  quantity.unit = text.substr(position);
  return quantity;
}

struct TimeUnit {
  std::string_view name;
  std::uint64_t nanoseconds;
};

constexpr std::array kTimeUnits{TimeUnit{"ns", 1},
                                TimeUnit{"us", 1'000},
                                TimeUnit{"ms", 1'000'000},
                                TimeUnit{"s", 1'000'000'000},
                                TimeUnit{"min", 60'000'000'000},
                                TimeUnit{"h", 3'600'000'000'000}};

/// A bandwidth unit: 10^exponent bytes or bits per second.
struct BandwidthUnit {
  std::string_view name;
  int exponent;
  bool bits;
};

constexpr std::array kBandwidthUnits{
    BandwidthUnit{"B/s", 0, false},   BandwidthUnit{"kB/s", 3, false},
    BandwidthUnit{"MB/s", 6, false},  BandwidthUnit{"GB/s", 9, false},
    BandwidthUnit{"bit/s", 0, true},  BandwidthUnit{"kbit/s", 3, true},
    BandwidthUnit{"Mbit/s", 6, true}, BandwidthUnit{"Gbit/s", 9, true}};

template <class Units>
const typename Units::value_type* find_unit(const Units& units, std::string_view name) {
  for (const auto& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

template <class Units>
std::string unit_error(std::string_view text, std::string_view unit, const Units& units) {
  std::string message = unit.empty() ? shown(text) + " has no unit"
                                     : "unknown unit " + shown(unit) + " in " + shown(text);
  message += " (valid: ";
  for (const auto& valid : units) {
    if (&valid != units.data()) message += ", ";
    message += valid.name;
  }
  return message + ")";
}

/// The number times `unit`, exactly; nothing if that is no whole number of nanoseconds
/// or does not fit.
std::optional<std::int64_t> whole_nanoseconds(const Quantity& quantity, std::uint64_t unit) {
  std::uint64_t total = 0;
  const std::string_view whole = quantity.whole;
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), total);
  if (error != std::errc() || __builtin_mul_overflow(total, unit, &total)) return std::nullopt;
  std::uint64_t place = unit;
  for (const char digit : quantity.fraction) {
    if (place % 10 != 0) {
      if (digit == '0') continue;
      return std::nullopt;
    }
    place /= 10;
    const std::uint64_t part = place * static_cast<std::uint64_t>(digit - '0');
    if (__builtin_add_overflow(total, part, &total)) return std::nullopt;
  }
  const std::uint64_t limit = std::numeric_limits<std::int64_t>::max();
  if (total > limit + (quantity.negative ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(quantity.negative ? std::uint64_t{0} - total : total);
}

/// `nanoseconds` in `unit` as a decimal number; nothing if it has no short exact form.
std::optional<std::string> decimal_in(std::uint64_t nanoseconds, std::uint64_t unit) {
  std::string text = std::to_string(nanoseconds / unit);
  std::uint64_t rest = nanoseconds % unit;
  if (rest != 0) text += '.';
  for (std::uint64_t place = unit; rest != 0;) {
    if (place % 10 != 0) return std::nullopt;
    place /= 10;
    text += static_cast<char>('0' + rest / place);
    rest %= place;
  }
  return text;
}

/// value * 10^shift as a decimal number with the same digits as value's shortest form,
/// so that reading it and dividing by 10^shift (in decimal) gives `value` again.
std::string shifted(double value, int shift) {
  std::array<char, 64> buffer;
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value),
                                     std::chars_format::scientific);
  const std::string_view text(buffer.data(), written.ptr - buffer.data());
  const std::size_t mark = text.find('e');
  std::string digits;
  for (const char c : text.substr(0, mark)) {
    if (c != '.') digits += c;
  }
  int exponent = 0;
  std::string_view power = text.substr(mark + 1);
  if (power.starts_with('+')) power.remove_prefix(1);
  std::from_chars(power.data(), power.data() + power.size(), exponent);

  int point = exponent + 1 + shift;  // Digits before the decimal point.
  if (value == 0.0) point = 1;
  std::string result = std::signbit(value) ? "-" : "";
  const int count = static_cast<int>(digits.size());
  if (point <= 0) return result + "0." + std::string(-point, '0') + digits;
  if (point >= count) return result + digits + std::string(point - count, '0');
  return result + digits.substr(0, point) + "." + digits.substr(point);
}

std::string percent(double share) { return shifted(share, 2) + "%"; }

void keep_shorter(std::string& best, std::string candidate) {
  if (best.empty() || candidate.size() < best.size()) best = std::move(candidate);
}

template <class T, class Print>
std::string print_list(const std::vector<T>& items, Print print) {
  std::string text = "[";
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += ", ";
    text += print(items[i]);
  }
  return text + "]";
}

std::string print_ids(const PeerSelector::IdRange& ids) {
  std::string text = std::to_string(ids.first);
  if (ids.last != ids.first) text.append(1, '-').append(std::to_string(ids.last));
  return text;
}

/// An enum's name in a scenario; empty if it has none.
template <class Enum>
std::string_view name_of(Enum value) {
  for (const auto& choice : enum_names(value)) {
    if (choice.value == value) return choice.name;
  }
  return "";
}

}  // namespace

std::optional<std::string> parse_value(std::string_view text, bool& value) {
  if (text != "true" && text != "false") return "expected true or false, got " + shown(text);
  value = text == "true";
  return std::nullopt;
}

std::optional<std::string> parse_value(std::string_view text, int& value) {
  return parse_integer(text, value);
}

std::optional<std::string> parse_value(std::string_view text, std::int64_t& value) {
  return parse_integer(text, value);
}

std::optional<std::string> parse_value(std::string_view text, std::uint64_t& value) {
  return parse_integer(text, value);
}

std::optional<std::string> parse_value(std::string_view text, double& value) {
  const std::optional<double> number = number_in(text);
  if (!number) return "expected a finite number, got " + shown(text);
  value = *number;
  return std::nullopt;
}

std::optional<std::string> parse_value(std::string_view text, SimTime& value) {
  const std::optional<Quantity> quantity = split_quantity(text);
  if (!quantity) return "expected a time like 20ms, got " + shown(text);
  const bool bare_zero = text == "0";
  const TimeUnit* unit = bare_zero ? &kTimeUnits[0] : find_unit(kTimeUnits, quantity->unit);
  if (unit == nullptr) return unit_error(text, quantity->unit, kTimeUnits);
  const std::optional<std::int64_t> time = whole_nanoseconds(*quantity, unit->nanoseconds);
  if (!time) return shown(text) + " is no whole number of nanoseconds within 292 years";
  value = SimTime{*time};
  return std::nullopt;
}

std::optional<std::string> parse_value(std::string_view text, Fraction& value) {
  std::optional<double> share;
  if (text.ends_with('%')) {
    const std::optional<Quantity> quantity = split_quantity(text);
    // Shifting the decimal point in the text rounds once; dividing by 100 would twice.
    if (quantity && quantity->unit == "%") share = number_in(std::string(quantity->number) + "e-2");
  } else {
    share = number_in(text);
  }
  if (!share) return "expected a share like 5% or 0.05, got " + shown(text);
  value = Fraction{*share};
  return std::nullopt;
}

std::optional<std::string> parse_value(std::string_view text, Count& value) {
  std::int64_t number = Count::kAll;
  if (text != "all") {
    if (!is_digits(text.substr(text.starts_with('-') ? 1 : 0))) {
      return "expected a number or all, got " + shown(text);
    }
    if (auto wrong = parse_integer(text, number)) return wrong;
  }
  value = Count{number};
  return std::nullopt;
}

std::optional<std::string> parse_value(std::string_view text, Bandwidth& value) {
  if (text == "unlimited") {
    value = Bandwidth{};
    return std::nullopt;
  }
  const std::optional<Quantity> quantity = split_quantity(text);
  if (!quantity) return "expected a bandwidth like 10MB/s or unlimited, got " + shown(text);
  const BandwidthUnit* unit = find_unit(kBandwidthUnits, quantity->unit);
  if (unit == nullptr) return unit_error(text, quantity->unit, kBandwidthUnits);
  const std::optional<double> number =
      number_in(std::string(quantity->number) + "e" + std::to_string(unit->exponent));
  if (!number) return "expected a finite bandwidth or unlimited, got " + shown(text);
  value = Bandwidth{unit->bits ? *number / 8 : *number};
  return std::nullopt;
}

std::optional<std::string> parse_value(std::string_view text, PeerSelector::IdRange& value) {
  const std::size_t dash = text.find('-', 1);
  const std::string_view first = text.substr(0, dash);
  PeerSelector::IdRange ids;
  if (!is_digits(first) || (dash != std::string_view::npos && !is_digits(text.substr(dash + 1)))) {
    return "expected a peer like 3 or a range like 8-15, got " + shown(text);
  }
  if (auto wrong = parse_value(first, ids.first)) return wrong;
  ids.last = ids.first;
  if (dash != std::string_view::npos) {
    if (auto wrong = parse_value(text.substr(dash + 1), ids.last)) return wrong;
  }
  if (ids.last < ids.first) return "a range ascends, got " + shown(text);
  value = ids;
  return std::nullopt;
}

std::optional<std::string> parse_value(std::string_view text,
                                       std::variant<Fraction, std::int64_t>& value) {
  std::int64_t number = 0;
  if (is_digits(text)) {
    if (auto wrong = parse_value(text, number)) return wrong;
    value = number;
    return std::nullopt;
  }
  Fraction share;
  if (parse_value(text, share) || !between(0, 1).contains(share.value)) {
    return "expected a number of peers or a share like 20%, got " + shown(text);
  }
  value = share;
  return std::nullopt;
}

std::string print_value(bool value) { return value ? "true" : "false"; }
std::string print_value(int value) { return std::to_string(value); }
std::string print_value(std::int64_t value) { return std::to_string(value); }
std::string print_value(std::uint64_t value) { return std::to_string(value); }

std::string print_value(double value) {
  std::array<char, 64> buffer;
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  std::string text(buffer.data(), written.ptr);
  const std::size_t mark = text.find('e');
  if (mark == std::string::npos) return text;
  // to_chars pads the exponent: 1e-04, 1e+20.
  std::string exponent = text.substr(mark + 1);
  const bool negative = exponent.front() == '-';
  exponent.erase(0, exponent.find_first_not_of("+-0"));
  return text.substr(0, mark) + (negative ? "e-" : "e") + exponent;
}

std::string print_value(SimTime value) {
  if (value.nanoseconds == 0) return "0s";
  const bool negative = value.nanoseconds < 0;
  const auto bits = static_cast<std::uint64_t>(value.nanoseconds);
  std::string best;
  for (const TimeUnit& unit : kTimeUnits) {
    const auto number = decimal_in(negative ? std::uint64_t{0} - bits : bits, unit.nanoseconds);
    if (number) keep_shorter(best, *number + std::string(unit.name));
  }
  return negative ? "-" + best : best;
}

std::string print_value(Fraction value) {
  std::string best = percent(value.value);
  keep_shorter(best, print_value(value.value));
  return best;
}

std::string print_value(Count value) {
  return value.is_all() ? "all" : std::to_string(value.value);
}

std::string print_value(Bandwidth value) {
  if (value.is_unlimited()) return "unlimited";
  std::string best;
  for (const BandwidthUnit& unit : kBandwidthUnits) {
    if (unit.bits) continue;
    keep_shorter(best, shifted(value.bytes_per_second, -unit.exponent) + std::string(unit.name));
  }
  return best;
}

std::string print_value(const PeerSelector& value) {
  if (value.kind == PeerSelector::Kind::kAll) return "all";
  if (value.kind == PeerSelector::Kind::kList) return print_list(value.ids, print_ids);
  const auto mapping_of = [&value](std::string_view inner) {
    return "{" + std::string(name_of(value.kind)) + ": " + std::string(inner) + "}";
  };
  if (value.kind == PeerSelector::Kind::kRole) return mapping_of(name_of(value.role));
  // A share is always written in percent here: a bare 1 would be read as one peer.
  const auto* share = std::get_if<Fraction>(&value.amount);
  const std::string amount =
      share != nullptr ? percent(share->value) : print_value(std::get<std::int64_t>(value.amount));
  return mapping_of(amount);
}

std::string print_value(const PeerGroups& value) {
  return print_list(value.groups, [](const auto& group) { return print_list(group, print_ids); });
}

std::string print_value(const std::vector<int>& value) {
  return print_list(value, [](int item) { return print_value(item); });
}

std::string print_value(const std::vector<double>& value) {
  return print_list(value, [](double item) { return print_value(item); });
}

std::string range_in_words(const Range& range) {
  const bool bounded_below = std::isfinite(range.low);
  const bool bounded_above = std::isfinite(range.high);
  if (bounded_below && bounded_above && !range.low_open && !range.high_open) {
    return "between " + print_value(range.low) + " and " + print_value(range.high);
  }
  std::string words;
  if (bounded_below) words = (range.low_open ? "above " : "at least ") + print_value(range.low);
  if (bounded_below && bounded_above) words += " and ";
  if (bounded_above) words += (range.high_open ? "below " : "at most ") + print_value(range.high);
  return words;
}

}  // namespace hearsay
