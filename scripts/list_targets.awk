# The targets of a Makefile, group by group, in 80 columns: of each, what stands after its "## GROUP: ".
BEGIN {
	FS = ":.*## "
	n_groups = split("first scripts look migration measure proof upkeep", groups, " ")
	title["first"] = "Start here"
	title["scripts"] = "The scripts of the chapter"
	title["look"] = "Pictures and pages"
	title["migration"] = "Scripts and checkpoints of yours"
	title["measure"] = "Measure"
	title["proof"] = "Proof"
	title["upkeep"] = "Upkeep"
	width = 80
	indent = 18
}
/^[a-z_0-9-]+:.*## [a-z]+: / {
	group = $2
	sub(/: .*/, "", group)
	if (!(group in title)) {
		print FILENAME ": " $1 ": no group " group ", expected one of those in scripts/list_targets.awk" > "/dev/stderr"
		failed = 2
		exit failed
	}
	n_words = split(substr($2, length(group ": ") + 1), words, " ")
	line = sprintf("  %-" indent - 4 "s ", $1)
	for (i = 1; i <= n_words; i++) {
		if (length(line " " words[i]) > width) {
			text[group] = text[group] line "\n"
			line = sprintf("%" indent - 1 "s", "")
		}
		line = line " " words[i]
	}
	text[group] = text[group] line "\n"
}
END {
	for (i = 1; i <= n_groups && !failed; i++)
		printf "\n%s\n%s", title[groups[i]], text[groups[i]]
	exit failed
}
