#pragma once

#include <filesystem>
#include <string>

#include "results/sweep_results.hpp"

namespace hearsay {

/// The program of gnuplot that draws a grid as a heat map, a cell per pair of values with
/// the mean in it, into `svg` in the working directory. Colours are from the palette cividis,
/// which readers with any kind of colour vision tell apart: J. R. Nunez, C. R. Anderton,
/// R. S. Renslow. Optimizing Colormaps with Consideration for Color Vision Deficiency. PLoS
/// ONE 13(7):e0199239, 2018. Losses that span two magnitudes are coloured by their logarithm.
std::string heat_map_script(const SweepGrid& grid, const std::string& svg);

enum class Drawn { kYes, kNoGnuplot, kFailed };

/// Writes `script` beside its figure as NAME.gnuplot and runs gnuplot on it, in `directory`.
/// @throws std::runtime_error if the file cannot be written.
Drawn draw_figure(const std::filesystem::path& directory, const std::string& name,
                  const std::string& script);

}  // namespace hearsay
