#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace hearsay {

/// A scenario for runs that are cut off and resumed.
struct CutScenario {
  std::string name;
  std::string yaml;
  std::string middle;  ///< What a run prints on stderr when much is done and much is left.
};

/// Each has state of another kind to save: images and a convolutional network; momentum,
/// variance correction, lost and delayed messages and faults of every kind; peers on two
/// event loops, if there are two workers; flows that share links.
const std::vector<CutScenario>& cut_scenarios();

/// What a run leaves behind, by file, less what differs between two runs of one scenario:
/// times on the wall, costs.
std::map<std::string, std::string> results_of(const std::filesystem::path& run);

/// Expects the same results, file by file.
void expect_same_results(const std::filesystem::path& run, const std::filesystem::path& straight);

/// Arguments of the program that change how a run is carried out, not what it comes to.
std::vector<std::string> ways(const std::string& workers, const std::string& transport);

/// The content of a file; empty if there is none.
std::string content_of(const std::filesystem::path& path);

/// One list of arguments after the other.
std::vector<std::string> joined(std::vector<std::string> first,
                                const std::vector<std::string>& second);

}  // namespace hearsay
