# Writes OUT, a C++ source that defines each of the FILES as text in namespace hearsay::page:
# report.css becomes page::kReportCss, declared in HEADER. Run as a script: cmake -P.
set(definitions "#include \"${HEADER}\"\n\nnamespace hearsay::page {\n")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  string(REGEX REPLACE "[._]" ";" words ${name})
  set(identifier "k")
  foreach(word IN LISTS words)
    string(SUBSTRING ${word} 0 1 first)
    string(SUBSTRING ${word} 1 -1 rest)
    string(TOUPPER ${first} first)
    string(APPEND identifier ${first}${rest})
  endforeach()
  file(READ ${file} text)
  string(APPEND definitions
    "const std::string_view ${identifier} = R\"embedded(${text})embedded\";\n")
endforeach()
file(WRITE ${OUT} "${definitions}}  // namespace hearsay::page\n")
