#include "results/comparison_text.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "results/number_text.hpp"
#include "results/record_text.hpp"
#include "results/text_columns.hpp"

namespace hearsay {
namespace {

using Json = nlohmann::ordered_json;

/// A number in the unit of its metric.
std::string number(const std::string& metric, double value) {
  if (!std::isfinite(value)) return fixed(value, 4);
  if (metric.starts_with("accuracy")) return fixed(value, 4);
  if (metric.starts_with("time_")) return duration_text(value);
  if (metric.starts_with("bytes_")) return bytes_text(std::llround(value));
  if (metric.starts_with("round")) return fixed(value, 1);
  return measure_text(value);
}

std::string with_sign(const std::string& metric, double value) {
  if (std::isnan(value)) return "-";
  const std::string text = number(metric, std::abs(value));
  if (text == number(metric, 0.0)) return text;
  return (std::signbit(value) ? "-" : "+") + text;
}

std::string p_text(double p) {
  if (std::isnan(p)) return "-";
  return p < 0.0001 ? "<0.0001" : fixed(p, 4);
}

std::string value_text(const std::string& metric, const MeanInterval& value) {
  if (std::isnan(value.half_width)) return number(metric, value.mean);
  return number(metric, value.mean) + " ± " + number(metric, value.half_width);
}

std::string interval_text(const std::string& metric, const MeanInterval& difference) {
  if (std::isnan(difference.half_width)) return "-";
  return "[" + with_sign(metric, difference.mean - difference.half_width) + ", " +
         with_sign(metric, difference.mean + difference.half_width) + "]";
}

std::string supported_text(const ComparedMethod& method) {
  return method.doubt.empty() ? "yes" : "no: " + method.doubt;
}

std::string joined(const std::vector<std::string>& texts, const char* between) {
  std::string text;
  for (const std::string& item : texts) text += (text.empty() ? "" : between) + item;
  return text;
}

std::string methods_table(const Comparison& comparison) {
  const std::string& metric = comparison.metric;
  std::vector<std::vector<std::string>> lines = {
      {"method", metric, "difference", "95% interval", "p", "p (Holm)", "supported by the seeds"}};
  for (std::size_t m = 0; m < comparison.methods.size(); ++m) {
    const ComparedMethod& method = comparison.methods[m];
    const std::string value = value_text(metric, method.value);
    if (m == comparison.baseline) {
      lines.push_back({method.label, value, "baseline", "", "", "", ""});
      continue;
    }
    const MeanInterval& difference = method.difference.difference;
    lines.push_back({method.label, value, with_sign(metric, difference.mean),
                     interval_text(metric, difference), p_text(method.difference.p),
                     p_text(method.p_holm), supported_text(method)});
  }
  return text_columns(lines, 1);
}

std::string keys_text(const Comparison& comparison, bool is_method) {
  std::string text;
  for (const DifferingKey& key : comparison.keys) {
    if (key.is_method == is_method)
      text += "  " + key.key + ": " + joined(key.values, " | ") + "\n";
  }
  return text;
}

Json method_json(const ComparedMethod& method, bool is_baseline) {
  const MeanInterval& difference = method.difference.difference;
  Json json = {{"method", method.label},
               {"n", method.value.n},
               {"mean", method.value.mean},
               {"half_width", method.value.half_width},
               {"baseline", is_baseline},
               {"difference", difference.mean},
               {"difference_half_width", difference.half_width},
               {"p", method.difference.p},
               {"p_holm", method.p_holm}};
  json["supported"] = is_baseline ? Json() : Json(method.doubt.empty());
  json["doubt"] = method.doubt.empty() ? Json() : Json(method.doubt);
  json["values"] = method.values;
  return json;
}

}  // namespace

std::string comparison_table(const Comparison& comparison) {
  std::string text = methods_table(comparison) + "\n";
  const std::string between = keys_text(comparison, true);
  if (!between.empty()) text += "keys that differ between methods\n" + between;
  const std::string within = keys_text(comparison, false);
  if (!within.empty()) text += "keys that every method is averaged over\n" + within;
  text += "n = " + std::to_string(comparison.seeds.size()) +
          ", the same for every method: " + joined(comparison.seeds, "; ") + "\n" +
          "mean ± half the 95% t interval; differences are paired by seed\n";
  for (const std::string& note : comparison.notes) text += "note: " + note + "\n";
  return text;
}

std::string comparison_csv(const Comparison& comparison) {
  std::string text =
      "method,metric,n,mean,half_width,difference,difference_half_width,p,p_holm,doubt\n";
  for (const ComparedMethod& method : comparison.methods) {
    text += csv_cell(method.label) + "," + csv_cell(comparison.metric) + "," +
            std::to_string(method.value.n);
    for (const double value :
         {method.value.mean, method.value.half_width, method.difference.difference.mean,
          method.difference.difference.half_width, method.difference.p, method.p_holm}) {
      text += "," + shortest(value);
    }
    text += "," + csv_cell(method.doubt) + "\n";
  }
  return text;
}

std::string comparison_json(const Comparison& comparison) {
  Json json = {{"metric", comparison.metric}, {"seeds", comparison.seeds}};
  json["methods"] = Json::array();
  for (std::size_t m = 0; m < comparison.methods.size(); ++m) {
    json["methods"].push_back(method_json(comparison.methods[m], m == comparison.baseline));
  }
  json["keys"] = Json::array();
  for (const DifferingKey& key : comparison.keys) {
    json["keys"].push_back(
        {{"key", key.key}, {"values", key.values}, {"tells_methods_apart", key.is_method}});
  }
  json["notes"] = comparison.notes;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace hearsay
