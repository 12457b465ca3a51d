#pragma once

#include <cstdint>
#include <string>

#include "node/base/time.hpp"

/// Numbers as text, the same in every locale.

namespace hearsay {

/// The shortest decimal that reads back as the same double ("0.1", "1e-05"); "inf" and
/// "-inf"; empty for NaN.
std::string shortest(double value);

/// With a fixed number of decimals; "-" for NaN, "inf" and "-inf".
std::string fixed(double value, int decimals);

/// For losses and distances, which span magnitudes: four decimals from 0.001 to 1e6
/// ("2.3026"), else scientific with three digits ("1.23e-05"); "-" for NaN.
std::string measure_text(double value);

/// With a comma between groups of three digits: "1,234,567".
std::string grouped(std::int64_t value);

/// With an SI prefix and three digits or more: "999 B", "1.23 kB", "45.6 MB".
std::string bytes_text(std::int64_t bytes);

/// "0 s", "250 us", "12.3 ms", "4.50 s", "12 min 5 s", "3 h 25 min"; "-" if NaN.
std::string duration_text(double seconds);

/// The double nearest to the time in seconds, so that its shortest decimal is the time
/// as written (0.3, where SimTime::seconds() may give 0.30000000000000004).
double exact_seconds(SimTime time);

}  // namespace hearsay
