#include "results/overlay.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hearsay {
namespace {

/// Rows of round, time, bytes and loss.
FinishedRun run_with(std::vector<std::vector<double>> rows) {
  return {.columns = {"round", "time_s", "bytes_sent", "loss_mean"}, .rows = std::move(rows)};
}

TEST(MeanCurve, AveragesRowByRowWhatAllRunsHave) {
  const FinishedRun one = run_with({{1, 2, 100, 0.5}, {2, 4, 200, kMissing}, {3, 6, 300, 0.25}});
  const FinishedRun two =
      run_with({{1, 4, 300, 1.0}, {2, 8, 600, 0.75}, {3, 12, 900, 0.75}, {4, 16, 1200, 0.5}});
  const std::vector<CurvePoint> curve = mean_curve({&one, &two}, "loss_mean");
  ASSERT_EQ(curve.size(), 2U);
  EXPECT_EQ(curve[0], (CurvePoint{1, 3, 200, 0.75, 0.5, 1.0}));
  EXPECT_EQ(curve[1], (CurvePoint{3, 9, 600, 0.5, 0.25, 0.75}));
}

TEST(Overlay, DrawsEveryMethodOverEveryCost) {
  Comparison comparison{.metric = "loss_mean", .curve_column = "loss_mean"};
  comparison.methods.resize(3);
  comparison.methods[0] = {.label = "rule=o'mean", .curve = {{1, 2, 3, 0.5, 0.25, 0.75}}};
  comparison.methods[1] = {.label = "rule=median", .curve = {{1, 4, 6, 0.5, 0.5, 0.5}}};
  const std::vector<Figure> figures = overlay_figures(comparison);
  std::vector<std::string> names;
  for (const Figure& figure : figures) names.push_back(figure.name);
  EXPECT_EQ(names, (std::vector<std::string>{"loss_mean_over_rounds", "loss_mean_over_time",
                                             "loss_mean_over_bytes"}));
  const std::string& script = figures[2].script;
  EXPECT_NE(script.find("\n3 0.5 0.25 0.75\n"), std::string::npos) << script;
  EXPECT_NE(script.find("\n6 0.5 0.5 0.5\n"), std::string::npos) << script;
  EXPECT_NE(script.find("title 'rule=o''mean' noenhanced"), std::string::npos) << script;
  EXPECT_EQ(script.find("$method2"), std::string::npos) << script;
}

TEST(Overlay, IsNoneWhereNothingWasMeasured) {
  Comparison comparison{.metric = "loss_mean", .curve_column = "loss_mean"};
  comparison.methods.resize(1);
  EXPECT_TRUE(overlay_figures(comparison).empty());
}

}  // namespace
}  // namespace hearsay
