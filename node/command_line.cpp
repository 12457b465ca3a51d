#include "node/command_line.hpp"

#include <CLI/CLI.hpp>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "node/base/error.hpp"
#include "node/command_tree.hpp"
#include "node/compare_command.hpp"
#include "node/completion.hpp"
#include "node/live_commands.hpp"
#include "node/replay_command.hpp"
#include "node/report_command.hpp"
#include "node/run_command.hpp"
#include "node/sweep_command.hpp"
#include "results/run_directory.hpp"
#include "scenarios/aggregation_spec.hpp"
#include "scenarios/json_schema.hpp"
#include "scenarios/listing.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/nearest_name.hpp"
#include "scenarios/provenance.hpp"
#include "scenarios/runner.hpp"
#include "scenarios/sweep.hpp"

namespace hearsay {
namespace {

// Set by the signal handler, read by the simulation.
std::atomic<bool> stop_requested{false};

// A second signal ends the process at once.
void request_stop(int signal) {
  stop_requested.store(true);
  std::signal(signal, SIG_DFL);
}

enum class Format { kText, kJson };

const std::map<std::string, Format> kFormats{{"text", Format::kText}, {"json", Format::kJson}};
const std::map<std::string, TransportKind> kTransports{
    {"inproc", TransportKind::kInproc}, {"ipc", TransportKind::kIpc}, {"tcp", TransportKind::kTcp}};

/// The arguments of all commands.
struct Arguments {
  std::vector<std::string> command_line;  ///< All, as given.
  std::string scenario;
  std::string run;
  std::vector<std::string> overrides;
  std::string out;
  int workers = 0;  ///< 0: not given.
  TransportKind transport = TransportKind::kInproc;
  bool portable_kernels = false;
  bool no_report = false;
  bool tensorboard = false;
  bool is_live = false;
  LiveOptions page;
  Format format = Format::kText;
  std::string section;
  SweepArguments swept;
  CompareArguments compared;
  LiveArguments live;
  const CLI::App* keys_command = nullptr;
  std::string spec;
  std::string vectors;
  AggregationSetting setting;
  ReportArguments reported;
  std::string other_run;
};

int default_workers() {
  const unsigned cores = std::thread::hardware_concurrency();
  return cores == 0 ? 1 : static_cast<int>(cores);
}

RunOptions run_options(const Arguments& arguments) {
  RunOptions options{.workers = arguments.workers > 0 ? arguments.workers : default_workers(),
                     .transport = arguments.transport,
                     .portable_kernels = arguments.portable_kernels};
  if (!arguments.out.empty()) options.out = arguments.out;
  return options;
}

void stop_on_signals() {
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
}

RunOutput run_output(const Arguments& arguments) {
  return {.json = arguments.format == Format::kJson,
          .no_report = arguments.no_report,
          .tensorboard = arguments.tensorboard,
          .live = arguments.is_live ? std::optional(arguments.page) : std::nullopt};
}

int run(const Arguments& arguments) {
  const Scenario scenario = load_scenario(arguments.scenario, arguments.overrides);
  stop_on_signals();
  return carry_out_run(run_options(arguments), run_output(arguments),
                       [&](const RunOptions& options, RunListener& listener) {
                         return run_scenario(scenario, options, stop_requested, listener);
                       });
}

int resume(const Arguments& arguments) {
  stop_on_signals();
  return carry_out_run(run_options(arguments), run_output(arguments),
                       [&](const RunOptions& options, RunListener& listener) {
                         return resume_run(arguments.run, options, stop_requested, listener);
                       });
}

int replay_command(const Arguments& arguments) {
  stop_on_signals();
  return replay(
      {.run = arguments.run, .other = arguments.other_run, .options = run_options(arguments)},
      stop_requested);
}

int deploy_command(const Arguments& arguments) {
  const Scenario scenario = load_scenario(arguments.scenario, arguments.overrides);
  stop_on_signals();
  RunOptions given = run_options(arguments);
  if (arguments.live.workers > 0) given.workers = arguments.live.workers;
  if (needs_job(arguments.live)) {
    const std::filesystem::path run =
        given.out.value_or(RunDirectory::default_place(scenario.name, scenario.seed));
    return deploy_in_job(arguments.live, arguments.command_line, run, stop_requested);
  }
  RunOutput output = run_output(arguments);
  output.clock = "wall";
  return carry_out_run(given, output, [&](const RunOptions& options, RunListener& listener) {
    return deploy(scenario, options, arguments.live, stop_requested, listener);
  });
}

int node_command(const Arguments& arguments) {
  stop_on_signals();
  const Node node = find_node(arguments.live);
  if (!keeps_record(node)) return host_peers(node, stop_requested);
  RunOutput output = run_output(arguments);
  output.clock = "wall";
  return carry_out_run(run_options(arguments), output,
                       [&](const RunOptions& options, RunListener& listener) {
                         return keep_record(node, options, stop_requested, listener);
                       });
}

int keys_command(const Arguments& arguments) {
  return keys(*arguments.keys_command, arguments.live);
}

int sweep_command(const Arguments& arguments) {
  stop_on_signals();
  SweepArguments swept = arguments.swept;
  swept.scenario = arguments.scenario;
  swept.overrides = arguments.overrides;
  swept.out = arguments.out;
  swept.workers = arguments.workers;
  swept.run = run_options(arguments);
  return sweep(swept, stop_requested);
}

int compare_command(const Arguments& arguments) {
  CompareArguments compared = arguments.compared;
  compared.json = arguments.format == Format::kJson;
  return compare(compared);
}

int report_command(const Arguments& arguments) { return report(arguments.reported); }

int validate(const Arguments& arguments) {
  if (describes_sweep(read_scenario_text(arguments.scenario), arguments.scenario,
                      arguments.overrides)) {
    return validate_sweep(arguments.scenario, arguments.overrides,
                          arguments.format == Format::kJson);
  }
  const Scenario scenario = load_scenario(arguments.scenario, arguments.overrides);
  if (arguments.format == Format::kText) {
    std::printf("%s: valid (digest %s)\n", arguments.scenario.c_str(),
                to_hex(scenario_digest(scenario)).c_str());
  } else {
    std::printf("{\"valid\": true, \"scenario_digest\": \"%s\"}\n",
                to_hex(scenario_digest(scenario)).c_str());
  }
  return kExitDone;
}

int aggregate_command(const Arguments& arguments) {
  const AggregatorOptions rule = parse_aggregator(arguments.spec);
  const std::string text = aggregate_rows(rule, read_vectors(arguments.vectors), arguments.setting);
  std::fputs(text.c_str(), stdout);
  return kExitDone;
}

int list(const Arguments& arguments) {
  const std::string text = arguments.format == Format::kJson ? listing_json(arguments.section)
                                                             : listing_text(arguments.section);
  std::fputs(text.c_str(), stdout);
  return kExitDone;
}

int schema() {
  std::fputs(scenario_json_schema().c_str(), stdout);
  return kExitDone;
}

/// An option whose value is one of the names in `choices`.
template <class Value>
CLI::Option& add_choice(CLI::App& command, const std::string& name, Value& value,
                        const std::map<std::string, Value>& choices,
                        const std::string& description) {
  const auto choose = [&value, &choices, name](const std::string& chosen) {
    const auto found = choices.find(chosen);
    if (found != choices.end()) {
      value = found->second;
      return;
    }
    std::vector<std::string_view> valid;
    for (const auto& [choice, unused] : choices) valid.push_back(choice);
    throw CLI::ValidationError(name, "no choice \"" + chosen + "\"; " + suggestion(chosen, valid));
  };
  return *command.add_option_function<std::string>(name, choose, description);
}

void add_format(CLI::App& command, Arguments& arguments) {
  add_choice(command, "--format", arguments.format, kFormats, "text or json")
      .option_text("text|json");
}

void add_scenario(CLI::App& command, Arguments& arguments) {
  command.add_option("scenario", arguments.scenario, "scenario file (YAML)")
      ->required()
      ->option_text("FILE");
  command.add_option("-c", arguments.overrides, "override one key of the scenario; repeatable")
      ->option_text("KEY.PATH=VALUE")
      ->type_name("KEY.PATH=VALUE")
      ->allow_extra_args(false);
}

/// What a run leaves and shows beside its files.
void add_run_output(CLI::App& command, Arguments& arguments) {
  add_format(command, arguments);
  command.add_flag("--no-report", arguments.no_report, "write no report.html at the end");
  command.add_flag("--tensorboard", arguments.tensorboard,
                   "also write the metrics as an event file for TensorBoard");
}

/// How a run is carried out.
void add_execution(CLI::App& command, Arguments& arguments) {
  command.add_option("--workers", arguments.workers, "threads that compute (default: all cores)")
      ->check(CLI::Range(1, 1024))
      ->option_text("N");
  add_choice(command, "--transport", arguments.transport, kTransports, "what updates travel over")
      .option_text("inproc|ipc|tcp");
  command.add_flag("--portable-kernels", arguments.portable_kernels,
                   "kernels that give the same bits on every x86-64-v3 machine");
}

CLI::App& add_sweep(CLI::App& app, Arguments& arguments) {
  CLI::App& command = *app.add_subcommand("sweep", "run every scenario that `sweep:` describes");
  add_scenario(command, arguments);
  command.add_option("--out", arguments.out, "directory of all runs (default results/sweeps/NAME)")
      ->option_text("DIR");
  command.add_flag("--resume", arguments.swept.resume, "go on where a sweep was interrupted");
  add_sweep_places(command, arguments.swept);
  add_execution(command, arguments);
  return command;
}

CLI::App& add_deploy(CLI::App& app, Arguments& arguments) {
  CLI::App& command =
      *app.add_subcommand("deploy", "run a scenario as real processes, in wall-clock time");
  add_scenario(command, arguments);
  command.add_option("--out", arguments.out, "run directory (default results/runs/NAME-sSEED)")
      ->option_text("DIR");
  command.add_flag("--portable-kernels", arguments.portable_kernels,
                   "kernels that give the same bits on every x86-64-v3 machine");
  add_run_output(command, arguments);
  add_live_page(command, arguments.is_live, arguments.page);
  add_deploy_options(command, arguments.live);
  return command;
}

CLI::App& add_compare(CLI::App& app, Arguments& arguments) {
  CLI::App& command = *app.add_subcommand("compare", "compare finished runs, paired by seed");
  CompareArguments& compared = arguments.compared;
  command.add_option("runs", compared.runs, "run directories, or the directory of a sweep")
      ->required()
      ->option_text("RUN...");
  command
      .add_option("--metric", compared.options.metric,
                  "column of metrics.csv, or time_to_accuracy@A (default accuracy_mean)")
      ->option_text("NAME");
  command.add_option("--at", compared.at, "compare at equal cost, not at the end")
      ->option_text("round=N|time=T|bytes=B");
  command
      .add_option("--by", compared.options.by,
                  "key that tells methods apart; repeatable (default all that differ)")
      ->allow_extra_args(false)
      ->option_text("KEY");
  command
      .add_option("--baseline", compared.options.baseline,
                  "method that the others are compared with (default the first)")
      ->option_text("KEY=VALUE");
  command.add_option("--csv", compared.csv, "also write the table as CSV")->option_text("FILE");
  command
      .add_option("--figures", compared.figures,
                  "also draw the methods' curves in one picture each, as SVG and PDF, by gnuplot")
      ->option_text("DIR");
  add_format(command, arguments);
  return command;
}

CLI::App& add_replay(CLI::App& app, Arguments& arguments) {
  CLI::App& command = *app.add_subcommand(
      "replay", "run a run again, or take another one, and say where both begin to differ");
  command.add_option("run", arguments.run, "run directory")->required()->option_text("RUN");
  command.add_option("other", arguments.other_run, "run to compare with (default: RUN, run again)")
      ->option_text("OTHER");
  command.add_option("--out", arguments.out, "keep the new run in this directory")
      ->option_text("DIR");
  add_execution(command, arguments);
  return command;
}

CLI::App& add_aggregate(CLI::App& app, Arguments& arguments) {
  CLI::App& command = *app.add_subcommand("aggregate", "apply an aggregation rule to vectors");
  command.add_option("spec", arguments.spec, "the rule: median, {kind: krum, f: 3}, ...")
      ->required()
      ->option_text("SPEC");
  command
      .add_option("file", arguments.vectors,
                  "JSON {\"vectors\": [[...], ...]}, or .npy of n x d numbers")
      ->required()
      ->option_text("FILE");
  command.add_option("--own", arguments.setting.own, "the row that is the peer's own (default 0)")
      ->option_text("K");
  command.add_option("--seed", arguments.setting.seed, "of rules that draw (default 0)")
      ->option_text("N");
  return command;
}

CLI::App& add_report(CLI::App& app, Arguments& arguments) {
  CLI::App& command = *app.add_subcommand("report", "show a run as one HTML page");
  ReportArguments& reported = arguments.reported;
  command.add_option("run", reported.run, "run directory")->required()->option_text("RUN");
  command.add_option("--out", reported.out, "the page (default RUN/report.html)")
      ->option_text("FILE");
  command
      .add_option("--figures", reported.figures, "also draw its plots as SVG and PDF, by gnuplot")
      ->option_text("DIR");
  return command;
}

int completion(const CLI::App& app, const Arguments& arguments) {
  std::fputs(completion_for(arguments.section, command_tree(app)).c_str(), stdout);
  return kExitDone;
}

int manual(const CLI::App& app) {
  std::fputs(man_page(command_tree(app)).c_str(), stdout);
  return kExitDone;
}

/// A command and what it does.
struct Command {
  CLI::App* app;
  std::function<int(const Arguments&)> action;
};

std::vector<Command> add_commands(CLI::App& app, Arguments& arguments) {
  CLI::App& run_app = *app.add_subcommand("run", "run a scenario in virtual time");
  add_scenario(run_app, arguments);
  add_run_output(run_app, arguments);
  add_live_page(run_app, arguments.is_live, arguments.page);
  run_app.add_option("--out", arguments.out, "run directory (default results/runs/NAME-sSEED)")
      ->option_text("DIR");
  add_execution(run_app, arguments);

  CLI::App& resume_app =
      *app.add_subcommand("resume", "go on with an interrupted run from its newest checkpoint");
  resume_app.add_option("run", arguments.run, "run directory")->required()->option_text("RUN");
  add_execution(resume_app, arguments);
  add_run_output(resume_app, arguments);
  add_live_page(resume_app, arguments.is_live, arguments.page);

  CLI::App& deploy_app = add_deploy(app, arguments);
  CLI::App& node_app = *app.add_subcommand("node", "run one process of a deployment");
  add_node_options(node_app, arguments.live);
  add_run_output(node_app, arguments);
  node_app
      .add_option("--out", arguments.out,
                  "run directory, of the process that keeps the record (as for run)")
      ->option_text("DIR");
  CLI::App& keys_app = *app.add_subcommand("keys", "make, list and revoke keys of processes");
  add_key_commands(keys_app, arguments.live);
  arguments.keys_command = &keys_app;

  CLI::App& sweep_app = add_sweep(app, arguments);
  CLI::App& compare_app = add_compare(app, arguments);
  CLI::App& report_app = add_report(app, arguments);
  CLI::App& replay_app = add_replay(app, arguments);

  CLI::App& validate_app = *app.add_subcommand("validate", "check a scenario without running it");
  add_scenario(validate_app, arguments);
  add_format(validate_app, arguments);

  CLI::App& aggregate_app = add_aggregate(app, arguments);
  CLI::App& list_app =
      *app.add_subcommand("list", "list every kind of topology, model, rule, ... with parameters");
  list_app.add_option("section", arguments.section, "only this section, e.g. topologies")
      ->option_text("SECTION");
  add_format(list_app, arguments);

  CLI::App& schema_app = *app.add_subcommand("schema", "print the JSON Schema of scenarios");

  CLI::App& completion_app =
      *app.add_subcommand("completion", "print a script that makes a shell complete arguments");
  completion_app.add_option("shell", arguments.section, "the shell")
      ->required()
      ->option_text("bash|zsh|fish");
  CLI::App& man_app = *app.add_subcommand("man", "print the manual page, for man(1)");
  return {{&run_app, run},
          {&resume_app, resume},
          {&deploy_app, deploy_command},
          {&node_app, node_command},
          {&keys_app, keys_command},
          {&sweep_app, sweep_command},
          {&compare_app, compare_command},
          {&report_app, report_command},
          {&replay_app, replay_command},
          {&validate_app, validate},
          {&aggregate_app, aggregate_command},
          {&list_app, list},
          {&schema_app, [](const Arguments&) { return schema(); }},
          {&completion_app, [&app](const Arguments& given) { return completion(app, given); }},
          {&man_app, [&app](const Arguments&) { return manual(app); }}};
}

int carry_out(const std::vector<Command>& commands, const Arguments& arguments) {
  try {
    for (const Command& command : commands) {
      if (command.app->parsed()) return command.action(arguments);
    }
  } catch (const UserError& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return kExitUserError;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: the run failed: %s\n", error.what());
    return kExitRunFailed;
  }
  return kExitDone;
}

/// A full disk or a closed pipe shows when the last of the output is written.
int with_output_written(int exit_code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit_code;
  std::fputs("error: standard output could not be written\n", stderr);
  return exit_code == kExitDone ? kExitRunFailed : exit_code;
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app("Hearsay: a simulator and runtime for decentralised federated learning.", "hearsay");
  app.footer(
      "Exit codes: 0 done, 1 a replay differs, 2 wrong input, 3 the run failed, 4 it stalled, 130 "
      "interrupted.");
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  Arguments arguments;
  arguments.command_line.assign(argv + 1, argv + argc);
  const std::vector<Command> commands = add_commands(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::fprintf(stderr, "error: %s (see hearsay --help)\n", explain(app, error).c_str());
    return kExitUserError;
  }
  return with_output_written(carry_out(commands, arguments));
}

}  // namespace hearsay
