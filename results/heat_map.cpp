#include "results/heat_map.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <stdexcept>

#include "results/number_text.hpp"
#include "results/plot.hpp"

namespace hearsay {
namespace {

constexpr const char* kPalette =
    "set palette defined (0 '#00224e', 0.125 '#123570', 0.25 '#3b496c', 0.375 '#575d6d', "
    "0.5 '#707173', 0.625 '#8a8678', 0.75 '#a59c74', 0.875 '#c3b369', 1 '#fee838')\n";

/// The numbers that the colours stand for.
struct Scale {
  double low = 0.0;
  double high = 1.0;
  bool is_logarithmic = false;

  /// 0 at the low end, 1 at the high end.
  double place(double value) const {
    return is_logarithmic ? std::log(value / low) / std::log(high / low)
                          : (value - low) / (high - low);
  }
};

Scale scale_of(const SweepGrid& grid) {
  std::vector<double> means;
  for (const auto& row : grid.cells) {
    for (const MeanInterval& cell : row) {
      if (std::isfinite(cell.mean)) means.push_back(cell.mean);
    }
  }
  if (means.empty()) return {};
  const auto [low, high] = std::ranges::minmax(means);
  // An empty range has no scale.
  if (low == high) return {low - 0.5, high + 0.5};
  return {low, high, grid.lower_is_better && low > 0.0 && high / low >= 100.0};
}

std::string tics(const char* axis, const std::vector<std::string>& names) {
  std::string text = std::string("set ") + axis + "tics (";
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "" : ", ") + plot_quoted(names[i]) + " " + std::to_string(i);
  }
  return text + ") scale 0 noenhanced\n";
}

/// Lines "column row mean text colour"; a cell without runs has no mean.
std::string cells_text(const SweepGrid& grid, const Scale& scale) {
  constexpr int kWhite = 0xffffff;
  constexpr int kBlack = 0x000000;
  std::string text = "$cells << END\n";
  for (std::size_t r = 0; r < grid.rows.size(); ++r) {
    for (std::size_t c = 0; c < grid.columns.size(); ++c) {
      const double mean = grid.cells[r][c].mean;
      const bool is_shown = std::isfinite(mean);
      const std::string number = grid.lower_is_better ? measure_text(mean) : fixed(mean, 4);
      const int color = is_shown && scale.place(mean) < 0.5 ? kWhite : kBlack;
      text += std::to_string(c) + " " + std::to_string(r) + " " +
              (is_shown ? shortest(mean) : "NaN") + " \"" + number + "\" " + std::to_string(color) +
              "\n";
    }
  }
  return text + "END\n";
}

std::size_t longest(const std::vector<std::string>& names) {
  std::size_t length = 0;
  for (const std::string& name : names) length = std::max(length, name.size());
  return length;
}

std::string range_text(double low, double high) {
  return "[" + shortest(low) + ":" + shortest(high) + "]\n";
}

}  // namespace

std::string heat_map_script(const SweepGrid& grid, const std::string& svg) {
  const Scale scale = scale_of(grid);
  const std::size_t cell_width = std::max<std::size_t>(80, 9 * longest(grid.columns));
  const std::size_t width = 220 + 9 * longest(grid.rows) + cell_width * grid.columns.size();
  const std::size_t height = 150 + 48 * grid.rows.size();
  std::string title = grid.metric + (grid.lower_is_better ? " (lower is better)" : "");
  for (const std::string& key : grid.averaged_over) title += ", mean over " + key;
  return "set terminal svg size " + std::to_string(width) + "," + std::to_string(height) +
         " font 'sans-serif,15' background '#ffffff'\n" + "set output " + plot_quoted(svg) + "\n" +
         kPalette + "set title " + plot_quoted(title) + " noenhanced\n" + "set xlabel " +
         plot_quoted(grid.column_key) + " noenhanced\n" + "set ylabel " +
         plot_quoted(grid.row_key) + " noenhanced\n" + tics("x", grid.columns) +
         tics("y", grid.rows) + "set xrange " +
         range_text(-0.5, static_cast<double>(grid.columns.size()) - 0.5) + "set yrange " +
         range_text(static_cast<double>(grid.rows.size()) - 0.5, -0.5) +
         (scale.is_logarithmic ? "set logscale cb\n" : "") + "set cbrange " +
         range_text(scale.low, scale.high) + "set style fill solid noborder\nunset key\n" +
         cells_text(grid, scale) +
         "plot $cells using 1:2:(0.49):(0.48):3 with boxxyerror linecolor palette, \\\n"
         "     $cells using 1:2:4:5 with labels textcolor rgb variable\n";
}

Drawn draw_figure(const std::filesystem::path& directory, const std::string& name,
                  const std::string& script) {
  const std::string file_name = name + ".gnuplot";
  std::ofstream file(directory / file_name, std::ios::binary);
  file << script << std::flush;
  if (!file) throw std::runtime_error((directory / file_name).string() + ": cannot be written");

  std::string program = "gnuplot";
  std::string argument = file_name;
  char* const argv[] = {program.data(), argument.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
  pid_t child = 0;
  const int error = posix_spawnp(&child, "gnuplot", &actions, nullptr, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return Drawn::kNoGnuplot;
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? Drawn::kYes : Drawn::kFailed;
}

}  // namespace hearsay
