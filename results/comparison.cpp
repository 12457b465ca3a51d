#include "results/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <compare>
#include <set>
#include <utility>

#include "node/base/error.hpp"
#include "results/compared_metric.hpp"
#include "results/overlay.hpp"
#include "results/statistics.hpp"

namespace hearsay {
namespace {

constexpr const char* kAbsent = "-";

std::string value_of(const Settings& settings, const std::string& key) {
  const auto found = settings.find(key);
  return found == settings.end() ? kAbsent : found->second;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string text;
  for (const std::string& item : texts) text += (text.empty() ? "" : ", ") + item;
  return text;
}

/// The keys in which runs differ, with their values.
std::vector<DifferingKey> differing_keys(const std::vector<ComparedRun>& runs,
                                         Settings ComparedRun::*settings) {
  std::set<std::string> names;
  for (const ComparedRun& run : runs) {
    for (const auto& [key, value] : run.*settings) names.insert(key);
  }
  std::vector<DifferingKey> keys;
  for (const std::string& name : names) {
    DifferingKey key{.key = name};
    for (const ComparedRun& run : runs) {
      const std::string value = value_of(run.*settings, name);
      if (std::ranges::find(key.values, value) == key.values.end()) key.values.push_back(value);
    }
    if (key.values.size() > 1) keys.push_back(std::move(key));
  }
  return keys;
}

bool some_lack(const DifferingKey& key) {
  return std::ranges::find(key.values, kAbsent) != key.values.end();
}

bool is_named_by(const DifferingKey& key, const std::string& by) {
  if (key.key == by || key.key.starts_with(by + ".")) return true;
  constexpr std::string_view kKind = "kind";
  if (!by.ends_with(".kind")) return false;
  return some_lack(key) && key.key.starts_with(by.substr(0, by.size() - kKind.size()));
}

void choose_method_keys(std::vector<DifferingKey>& keys, const std::vector<std::string>& by) {
  if (by.empty()) return;
  for (DifferingKey& key : keys) {
    key.is_method =
        std::ranges::any_of(by, [&](const auto& name) { return is_named_by(key, name); });
  }
  for (const std::string& name : by) {
    const auto fits = [&](const DifferingKey& key) { return is_named_by(key, name); };
    if (std::ranges::any_of(keys, fits)) continue;
    std::vector<std::string> names;
    for (const DifferingKey& key : keys) names.push_back(key.key);
    throw UserError("--by " + name + ": the runs do not differ in it; they differ in " +
                    (names.empty() ? "nothing but seeds" : joined(names)));
  }
}

/// KEY=VALUE of the keys, in order.
std::string text_of(const std::vector<std::string>& keys, const Settings& settings) {
  std::vector<std::string> texts;
  for (const std::string& key : keys) texts.push_back(key + "=" + value_of(settings, key));
  return joined(texts);
}

/// Which run of a method: the seeds, and the values of the keys that it is averaged over.
struct RunLabel {
  std::string seed;
  std::string settings;

  friend auto operator<=>(const RunLabel&, const RunLabel&) = default;
};

/// Words the labels. A purpose's seed that always is the run's says nothing new.
class RunLabels {
 public:
  RunLabels(const std::vector<ComparedRun>& runs, const std::vector<DifferingKey>& keys) {
    for (const DifferingKey& key : keys) {
      if (!key.is_method) keys_.push_back(key.key);
    }
    for (const DifferingKey& key : differing_keys(runs, &ComparedRun::seeds)) {
      const bool follows = std::ranges::all_of(runs, [&](const ComparedRun& run) {
        return value_of(run.seeds, key.key) == value_of(run.seeds, "seed");
      });
      if (key.key == "seed" || !follows) seeds_.push_back(key.key);
    }
    if (seeds_.empty()) seeds_.emplace_back("seed");
  }

  RunLabel of(const ComparedRun& run) const {
    return {text_of(seeds_, run.seeds), text_of(keys_, run.settings)};
  }

 private:
  std::vector<std::string> keys_;
  std::vector<std::string> seeds_;
};

struct MethodRuns {
  std::string label;
  Settings settings;
  std::map<RunLabel, const ComparedRun*> runs;
};

void add_new(std::vector<std::string>& list, const std::string& text) {
  if (std::ranges::find(list, text) == list.end()) list.push_back(text);
}

/// Compares the runs that are done.
class Comparer {
 public:
  Comparer(const std::vector<ComparedRun>& runs, const ComparisonOptions& options)
      : runs_(runs), options_(options), metric_(options, runs) {
    comparison_.metric = metric_.name();
    comparison_.curve_column =
        runs.front().run.column(metric_.name()) ? metric_.name() : ComparedMetric({}, runs).name();
    comparison_.keys = differing_keys(runs, &ComparedRun::settings);
    choose_method_keys(comparison_.keys, options.by);
  }

  Comparison compare() {
    group();
    comparison_.baseline = find_baseline();
    choose_seeds();
    add_caveats();
    test();
    return std::move(comparison_);
  }

 private:
  void group() {
    std::vector<std::string> all;
    std::vector<std::string> common;
    for (const DifferingKey& key : comparison_.keys) {
      if (!key.is_method) continue;
      all.push_back(key.key);
      if (!some_lack(key)) common.push_back(key.key);
    }
    const RunLabels labels(runs_, comparison_.keys);
    std::map<std::string, std::size_t> places;
    for (const ComparedRun& run : runs_) {
      const auto [place, is_new] = places.emplace(text_of(all, run.settings), methods_.size());
      if (is_new) methods_.push_back({place->first, run.settings, {}});
      const RunLabel label = labels.of(run);
      add_new(seeds_, label.seed);
      add_new(settings_, label.settings);
      const auto [former, is_first] = methods_[place->second].runs.emplace(label, &run);
      if (is_first) continue;
      throw UserError(former->second->run.path.string() + " and " + run.run.path.string() +
                      ": two runs of one method with " + label.seed + "; leave out one");
    }
    shorten_labels(common);
  }

  /// The parameters of a kind follow from its name, mostly.
  void shorten_labels(const std::vector<std::string>& common) {
    std::set<std::string> labels;
    for (const MethodRuns& method : methods_) labels.insert(text_of(common, method.settings));
    if (labels.size() == methods_.size()) {
      for (MethodRuns& method : methods_) method.label = text_of(common, method.settings);
    }
    for (MethodRuns& method : methods_) {
      if (method.label.empty()) method.label = "all runs";
    }
  }

  std::size_t find_baseline() const {
    const std::string& wanted = options_.baseline;
    if (wanted.empty()) return 0;
    std::vector<std::size_t> fitting;
    std::vector<std::string> labels;
    for (std::size_t m = 0; m < methods_.size(); ++m) {
      const auto& [label, settings, unused] = methods_[m];
      labels.push_back(label);
      if (label == wanted) return m;
      const std::size_t equals = wanted.find('=');
      if (equals == std::string::npos) continue;
      const auto found = settings.find(wanted.substr(0, equals));
      if (found != settings.end() && found->second == wanted.substr(equals + 1)) {
        fitting.push_back(m);
      }
    }
    if (fitting.size() == 1) return fitting.front();
    std::string valid;
    for (const std::string& label : labels) valid += (valid.empty() ? "" : "; ") + label;
    throw UserError("--baseline " + wanted + ": " + (fitting.empty() ? "no" : "not just one") +
                    " method; valid: " + valid);
  }

  /// Keeps the seeds for which every method has all values.
  void choose_seeds() {
    for (const std::string& seed : seeds_) {
      std::vector<std::string> lacking;
      for (const MethodRuns& method : methods_) {
        for (const std::string& settings : settings_) {
          const auto run = method.runs.find({seed, settings});
          if (run == method.runs.end()) {
            lacking.push_back("no run of " + method.label +
                              (settings.empty() ? "" : " with " + settings));
          } else if (std::isnan(metric_.of(run->second->run))) {
            lacking.push_back("no value in " + run->second->run.path.string());
          }
        }
      }
      if (lacking.empty()) {
        comparison_.seeds.push_back(seed);
      } else {
        comparison_.notes.push_back(seed + " left out: " + joined(lacking));
      }
    }
    if (!comparison_.seeds.empty()) return;
    throw UserError("nothing to compare by " + metric_.name() +
                    ": no seed has a value in every method; " + comparison_.notes.front());
  }

  void add_caveats() {
    const std::size_t num_runs = comparison_.seeds.size() * settings_.size();
    for (const MethodRuns& method : methods_) {
      std::map<std::string, std::size_t> counts;
      for (const std::string& seed : comparison_.seeds) {
        for (const std::string& settings : settings_) {
          const std::string caveat = metric_.caveat(method.runs.at({seed, settings})->run);
          if (!caveat.empty()) ++counts[caveat];
        }
      }
      for (const auto& [caveat, count] : counts) {
        comparison_.notes.push_back(method.label + ": " + std::to_string(count) + " of " +
                                    std::to_string(num_runs) + " runs: " + caveat);
      }
    }
  }

  double value_of_seed(const MethodRuns& method, const std::string& seed) const {
    std::vector<double> values;
    for (const std::string& settings : settings_) {
      values.push_back(metric_.of(method.runs.at({seed, settings})->run));
    }
    return mean_of(values);
  }

  std::vector<CurvePoint> curve_of(const MethodRuns& method) const {
    std::vector<const FinishedRun*> runs;
    for (const std::string& seed : comparison_.seeds) {
      for (const std::string& settings : settings_) {
        runs.push_back(&method.runs.at({seed, settings})->run);
      }
    }
    return mean_curve(runs, comparison_.curve_column);
  }

  void test() {
    std::vector<double> p;
    for (const MethodRuns& method : methods_) {
      ComparedMethod& compared = comparison_.methods.emplace_back();
      compared.label = method.label;
      for (const std::string& seed : comparison_.seeds) {
        compared.values.push_back(value_of_seed(method, seed));
      }
      compared.value = mean_interval(compared.values);
      compared.curve = curve_of(method);
    }
    const std::size_t baseline = comparison_.baseline;
    for (std::size_t m = 0; m < methods_.size(); ++m) {
      ComparedMethod& compared = comparison_.methods[m];
      if (m != baseline) {
        compared.difference =
            test_difference(compared.values, comparison_.methods[baseline].values);
      }
      p.push_back(compared.difference.p);
    }
    const std::vector<double> corrected = holm(p);
    for (std::size_t m = 0; m < methods_.size(); ++m) {
      comparison_.methods[m].p_holm = corrected[m];
      if (m != baseline) comparison_.methods[m].doubt = doubt_about(comparison_.methods[m]);
    }
  }

  static std::string doubt_about(const ComparedMethod& method) {
    constexpr double kLevel = 1.0 - kConfidence;
    if (method.values.size() < kFewestSeeds) return "n < " + std::to_string(kFewestSeeds);
    if (std::isnan(method.difference.difference.half_width)) return "no interval";
    if (method.difference.may_be_zero()) return "interval contains 0";
    if (!(method.p_holm < kLevel)) return "p (Holm) >= 0.05";
    return "";
  }

  const std::vector<ComparedRun>& runs_;
  const ComparisonOptions& options_;
  ComparedMetric metric_;
  std::vector<MethodRuns> methods_;
  std::vector<std::string> seeds_;
  std::vector<std::string> settings_;  ///< Of the keys that methods are averaged over.
  Comparison comparison_;
};

}  // namespace

Comparison compare_runs(std::vector<ComparedRun> runs, const ComparisonOptions& options) {
  std::vector<std::string> left_out;
  std::erase_if(runs, [&](const ComparedRun& compared) {
    const std::string& status = compared.run.status;
    if (status == "done") return false;
    left_out.push_back(compared.run.path.string() +
                       " left out: " + (status.empty() ? "it has not ended" : status));
    return true;
  });
  if (runs.empty()) {
    throw UserError("no run is done" + (left_out.empty() ? "" : "; " + left_out.front()));
  }
  Comparison comparison = Comparer(runs, options).compare();
  comparison.notes.insert(comparison.notes.begin(), left_out.begin(), left_out.end());
  return comparison;
}

}  // namespace hearsay
