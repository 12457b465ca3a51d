#include "results/plot.hpp"

#include <cmath>
#include <utility>

#include "results/number_text.hpp"

namespace hearsay {

std::string plot_cell(double value) { return std::isfinite(value) ? shortest(value) : "NaN"; }

std::string plot_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

std::string axis_settings(const PlotAxis& axis, const std::string& y_label) {
  return std::string("set xlabel '") + axis.label + "'\nset ylabel " + plot_quoted(y_label) +
         " noenhanced\nset format x '" + axis.format + "'\nset xrange [0:*]\n";
}

Figure make_figure(std::string name, const std::string& settings, const std::string& data,
                   const std::string& plot) {
  std::string script =
      "set encoding utf8\nset border 3\nset tics nomirror out\n"
      "set key top center horizontal outside\nset grid lc rgb '#dddddd'\n" +
      settings + data;
  script += "set terminal svg size 640,400 font 'sans-serif,13' background '#ffffff'\n";
  script += "set output '" + name + ".svg'\n" + plot;
  script += "set terminal pdfcairo size 4.4in,2.75in font 'sans-serif,10'\n";
  script += "set output '" + name + ".pdf'\n" + plot + "unset output\n";
  return {.name = std::move(name), .script = std::move(script)};
}

}  // namespace hearsay
