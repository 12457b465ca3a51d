#include "scenarios/slurm.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "scenarios/program.hpp"

namespace hearsay {
namespace {

// What squeue prints of every task; parse_tasks() reads it.
constexpr const char* kFormat =
    "ArrayTaskID:|,State:|,exit_code:|,Reason:|,BatchHost:|,NodeList:|,RestartCnt:";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

std::string without_spaces(std::string text) {
  std::erase(text, ' ');
  return text;
}

std::optional<int> number_in(std::string_view text) {
  int number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc{} && rest == text.data() + text.size();
  return is_number ? std::optional(number) : std::nullopt;
}

// squeue prints a status as wait(2) gives it.
int exit_code_of(const std::string& text) {
  const auto status = number_in(text);
  if (!status) throw std::runtime_error("squeue: no exit code: " + text);
  return WIFSIGNALED(*status) ? 128 + WTERMSIG(*status) : WEXITSTATUS(*status);
}

/// What follows KEY= in the output of scontrol, up to a space.
std::optional<std::string> value_of(const std::string& text, const std::string& key) {
  const std::size_t at = text.find(key + "=");
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = at + key.size() + 1;
  return text.substr(begin, text.find_first_of(" \n", begin) - begin);
}

/// "n[1-2]" is n1 and n2.
std::vector<std::string> names_in(const std::string& nodes) {
  if (nodes.empty()) return {};
  return lines_of(output_of({"scontrol", "show", "hostnames", nodes}));
}

}  // namespace

std::optional<SlurmAllocation> current_allocation() {
  const char* const job = std::getenv("SLURM_JOB_ID");
  const char* const nodes = std::getenv("SLURM_JOB_NODELIST");
  if (job == nullptr || nodes == nullptr) return std::nullopt;
  return SlurmAllocation{.job = job, .nodes = names_in(nodes)};
}

std::string slurm_node_address(const std::string& node) {
  const auto address = value_of(output_of({"scontrol", "-o", "show", "node", node}), "NodeAddr");
  if (!address) throw std::runtime_error("scontrol: node " + node + " has no address");
  return *address;
}

std::vector<std::string> usable_nodes(const std::vector<std::string>& nodes) {
  const std::string listed =
      output_of({"sinfo", "--noheader", "--Node", "--responding", "--nodes=" + joined(nodes),
                 "--states=alloc,mixed,idle,completing", "--format=%N"});
  std::set<std::string> usable;
  for (const std::string& line : lines_of(listed)) usable.insert(without_spaces(line));
  std::vector<std::string> found;
  std::ranges::copy_if(nodes, std::back_inserter(found),
                       [&](const std::string& node) { return usable.contains(node); });
  return found;
}

std::string submit_job(const std::string& command_line, const std::vector<std::string>& options) {
  std::vector<std::string> arguments{"sbatch", "--parsable"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.push_back("--wrap=" + command_line);
  const std::string said = output_of(arguments);
  return said.substr(0, said.find_first_of(";\n"));
}

void cancel_job(const std::string& job) { output_of({"scancel", job}); }

std::vector<SlurmTask> tasks_of_job(const std::string& job) {
  const ProgramOutput listed = run_program({"squeue", "--noheader", "--array", "--states=all",
                                            "--jobs=" + job, std::string("--Format=") + kFormat});
  // That is how Slurm says that it has forgotten the job.
  if (listed.err.find("Invalid job id") != std::string::npos) return {};
  if (listed.exit_code != 0) throw std::runtime_error("squeue failed: " + listed.err);
  return parse_tasks(listed.out);
}

std::vector<SlurmTask> parse_tasks(const std::string& text) {
  std::vector<SlurmTask> tasks;
  for (const std::string& line : lines_of(text)) {
    std::istringstream fields(without_spaces(line));
    std::array<std::string, 7> field;
    for (std::string& part : field) std::getline(fields, part, '|');
    if (field[1].empty()) throw std::runtime_error("squeue: not understood: " + line);
    tasks.push_back({.index = number_in(field[0]).value_or(-1),
                     .state = field[1],
                     .exit_code = exit_code_of(field[2]),
                     .reason = field[3],
                     .first_node = field[4] == "n/a" ? "" : field[4],
                     .nodes = field[5],
                     .restarts = number_in(field[6]).value_or(0)});
  }
  return tasks;
}

bool is_over(const SlurmTask& task, bool was_cancelled) {
  static const std::set<std::string_view> kOver{"BOOT_FAIL", "CANCELLED",     "COMPLETED",
                                                "DEADLINE",  "FAILED",        "NODE_FAIL",
                                                "TIMEOUT",   "OUT_OF_MEMORY", "PREEMPTED"};
  // A node that is gone leaves its job in this state for minutes.
  if (task.state == "COMPLETING") return !was_cancelled;
  return kOver.contains(task.state);
}

bool has_lost_first_node(const SlurmTask& task) {
  if (task.state != "RUNNING" || task.first_node.empty()) return false;
  const std::vector<std::string> nodes = names_in(task.nodes);
  return std::ranges::find(nodes, task.first_node) == nodes.end();
}

void requeue_job(const std::string& job) { output_of({"scontrol", "requeue", job}); }

int largest_array() {
  std::istringstream lines(output_of({"scontrol", "show", "config"}));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("MaxArraySize")) continue;
    const auto size = number_in(without_spaces(line.substr(line.find('=') + 1)));
    if (size) return *size;
  }
  throw std::runtime_error("scontrol: says no MaxArraySize");
}

}  // namespace hearsay
