"""English for the writer."""

from __future__ import annotations

import re

from inkreel.storyboard.tongue import Speech, Tongue, anywhere, opener, words

_FUNCTION_WORDS = words("""
one two three four five six seven eight nine ten dozen hundred thousand draw draws drew drawn
a an the this that these those it its they them their theirs he him his she her hers we us our ours
you your yours i me my mine one ones who whom whose which what when where why how there here
and or but nor so yet if then than as at by for from in into of off on onto out over per since
through till to toward towards under until up upon via with within without about above across after
against along among around before behind below beneath beside besides between beyond despite down
during except inside like near outside past throughout unlike because although though while whereas
whether unless not no never ever always often sometimes usually rarely seldom again also too very
just only even still already soon now today later once twice almost nearly quite rather really much
many more most few fewer less least little lot lots some any all both each every either neither
other others another such same own enough several various different certain whole entire first
second third last next previous new old good better best bad worse worst well far
is are was were be been being am do does did done doing has have had having can could may might
must shall should will would ought cannot isn't aren't wasn't weren't don't doesn't didn't can't
won't it's that's there's let's you're we're they're i'm
make makes made making take takes took taken taking get gets got getting give gives gave given
giving go goes went gone going come comes came coming keep keeps kept keeping put puts putting
let lets letting set sets use uses used using become becomes became becoming seem seems seemed
need needs needed want wants wanted help helps helped helping show shows showed shown showing
mean means meant call calls called calling say says said tell tells told ask asks asked know knows
knew known think thinks thought find finds found look looks looked work works worked happen happens
happened occur occurs occurred begin begins began begun start starts started end ends ended stop
stops stopped remain remains remained stay stays stayed hold holds held contain contains contained
include includes included including provide provides provided providing allow allows allowed
allowing require requires required requiring create creates created creating produce produces
produced cause causes caused lead leads led leave leaves left run runs ran running turn turns turned
move moves moved change changes changed changing fall falls fell fallen falling rise rises rose
risen grow grows grew grown form forms formed follow follows followed following bring brings
brought carry carries carried send sends sent receive receives received return returns returned
read reads write writes wrote written store stores stored add adds added remove removes removed
depend depends depended describe describes described explain explains explained explore serve
serves served support supports supported apply applies applied consist consists represent
represents reach reaches reached pass passes passed meet meets met lie lies lay sit sits stand
stands stood see sees saw seen try tries tried build builds built cover covers covered compare
compares compared learn learns learned avoid avoids avoided ensure ensures ensured improve improves
improved reduce reduces reduced increase increases increased enable enables enabled handle handles
handled generate generates generated define defines defined specify specifies specified
must've based making able likely possible available needed across along away back forth together
instead otherwise thus hence therefore however moreover furthermore nevertheless meanwhile indeed
perhaps maybe simply directly actually exactly generally typically basically etc
cools cool cooled heats heated flow flows flowed drops dropped evaporates evaporated escapes escaped
condense condenses condensed collects melts melted freezes freezing feeds seeps soaks fills
billions millions thousands hundreds dozens part parts way ways thing things time times kind kinds
side sides piece pieces number numbers years year days day case cases fact point example examples
lot place end feed feeds people something anything everything nothing someone everyone others
sort keeps travels traveled lasts lasted lose loses lost gain gains gained split splits halves
checks check verify verifies fetch fetches open opens opened close closes closed replace replaces
replaced save saves saved copy copies copied share shares shared detect detects detected hash
hashes hashed yields yield returns point points pointed
""")

ENGLISH = Tongue(
    language="en",
    decimal=".",
    thousands=",",
    abbreviations=words(
        "e.g i.e etc vs cf dr mr mrs ms prof st no vol fig figs eq eqs sec ch pp approx al inc "
        "ltd co dept est jan feb mar apr jun jul aug sep sept oct nov dec u.s u.k ph.d a.m p.m "
    ),
    function_words=_FUNCTION_WORDS,
    idle=frozenset(),
    compounds=frozenset(),
    cue_words=anywhere(
        r"\b(?:important|key|main|because|result|therefore|must|essential|core|crucial|in short|"
        r"conclu\w+|so that|means|shows?|found|largest|smallest|first|always|never)\b"
    ),
    additive=opener(
        "moreover|furthermore|in addition|additionally|also|besides|what is more|likewise|"
        "similarly|"
        "of course|in fact|indeed|note that|please note(?: that)?|notice that|as mentioned(?: "
        "above|"
        "earlier| before)?|as noted(?: above)?|as (?:we )?(?:saw|seen|discussed)(?: above| "
        "earlier)?|"
        "as you can see|it is worth (?:noting|mentioning)(?: that)?|it should be noted that|"
        "it is important to note that|importantly|basically|obviously|finally|lastly|and so on"
    ),
    connective=opener(
        r"(?:in|at|for|with|from|by|on|under|after|before|during|through|to) (?:this|that|these|"
        r"those|"
        r"such)(?: \w+){1,2}(?=,)|"
        "however|therefore|thus|hence|consequently|accordingly|as a (?:result|consequence)|"
        "because of (?:this|that|these)|for (?:this|that|these) reasons?|for example|for instance|"
        "in (?:other words|contrast|turn|this (?:way|case|sense)|that case|such cases|both cases|"
        "particular|practice|short|summary|conclusion)|by contrast|on the (?:other hand|contrary)|"
        "instead|nevertheless|nonetheless|meanwhile|otherwise|then|still|yet|but|and|or|nor|so|"
        "that "
        "is|after (?:this|that)|at (?:this|that) point|to this end|with this|from this|"
        "here|there(?! (?:is|are|was|were|will|can|may|must|has|have)\\b)|overall|rather|"
        "afterwards|even so|in doing so|to do (?:so|this|that)|if so|if not"
    ),
    unwrap=anywhere(
        r"(?:(?:this|that|which|it) (?:also )?(?:means|implies|shows|suggests|indicates|follows)"
        r"(?: that)?|(?:this|that|it) is (?:why|because)|the result is that|in other words,)\s+"
    ),
    leaning=anywhere(
        r"(?:it|its|it['’](?:s|ll)|they|they['’]\w+|them|their|theirs|he|she|his|her|him|"
        r"this|that|these|those|such|both|neither|either|each of (?:them|these|those)|one of "
        r"(?:them|"
        r"these|those)|(?:the )?(?:former|latter)|another|others|the others?|the same(?= (?:is|"
        r"goes|applies|holds|was|thing|way|can|happens))|the rest|which|"
        r"most of (?:them|these)|some (?:of (?:it|them|this|these)|is|are|was|were|has|have|\w+s "
        r"(?:into|off|"
        r"out|back|up|down|to))|all of (?:them|these)|none of (?:them|these)|"
        r"many of (?:them|these)|similar|doing so|the (?:second|third|fourth|last)(?: one)? (?:is|"
        r"was|are)|above|below|unlike (?:it|them|this))\b"
    ),
    demonstrative=anywhere(
        r"(?:(?:this|that)\s+(?!\w*[^\Wsui]s\b)|(?:these|those)\s+)"
        r"(?!(?:\w+n['’]t|is|are|was|were|be|has|have|had|can|could|may|might|"
        r"must|"
        r"shall|should|will|would|does|do|did|also|not|in|on|of|to|for|with|at|by|from|makes?|made|"
        r"means?|gives?|gave|takes?|took|lets?|allows?|requires?|needs?|keeps?|kept|leads?|led|"
        r"causes?|caused|shows?|works?|happens?|becomes?|one|ones|way|turns?|helps?|leaves?|left|"
        r"runs?|includes?|provides?|comes?|came|creates?|ensures?|returns?|uses?|who|which|that|"
        r"the|a|an|all|only|just|same|kind|sort|reduces?|avoids?|\w+ly|\w+ed)\b)(?=[a-z])"
    ),
    article="The ",
    reference=anywhere(
        r",?\s*\(?\b(?:see(?: also)?|cf\.?|as (?:shown|seen|listed|described|given|illustrated|"
        r"depicted)(?: below| above)? in|shown in|refer to|listed in)\s+(?:the\s+)?(?:figure|"
        r"fig\.?|"
        r"table|section|chapter|appendix|equation|eq\.?|"
        r"listing)\s*[\dA-Z]+(?:[.\-][\da-z]+)*\b\)?,?|"
        r",?\s*\bas (?:shown|seen|described|listed|illustrated) (?:below|above)\b,?|"
        r"\b(?:figure|fig\.?|table)\s*\d+\s+(?:shows|illustrates|lists|gives|summari[sz]es)"
        r"(?: that)?\s+|\b(?:in|from)\s+(?:figure|fig\.?|table)\s*\d+,?\s*"
    ),
    written=(
        (
            anywhere(
                r"^(?:in )?(?:the )?(?:(?:following|next) (?:table|chart|figure|diagram|list)|"
                r"(?:table|chart|figure|diagram|list) (?:below|that follows)) "
                r"(?:shows?|lists?|gives?|compares?|summari[sz]es?|we (?:see|find))\b"
            ),
            "Look at",
        ),
        (anywhere(r"\be\.\s?g\.,?"), "for example"),
        (anywhere(r"\bi\.\s?e\.,?"), "that is"),
        (anywhere(r"\betc\."), "and so on"),
        (re.compile(r"\bvs\.?(?=\s)"), "versus"),
        (anywhere(r"(?<=\w) & (?=\w)"), " and "),
        (anywhere(r"\bw/o\b"), "without"),
        (anywhere(r"\bn/a\b"), "not available"),
    ),
    clause=anywhere(
        r"(?:;\s+|\s[–—]\s|,\s+(?:and\s+)?(?=(?:but|so|yet|because|while|whereas|although)\s)|"
        r",\s+and\s+"
        r"(?=(?:the|a|an|it|they|we|you|each|every|this|that|these|no|most|all)\s))(?P<next>\S)"
    ),
    example=anywhere(
        r",?\s+(?:such as|including|for example|for instance|like for "
        r"example)\s+(?P<list>[^.;:?!]+?)"
        r"(?=[.;:?!]|$)"
    ),
    lead_in=anywhere(
        r"(?:for )?(?:example|instance|usage|output|result|results|note|like so|like this|as "
        r"follows|"
        r"the following|here is an example|code|syntax|where)[:.…]*$"
    ),
    pointing=anywhere(
        r"(?:for (?:more|further|the (?:full|complete|latest)|a (?:full|complete)|"
        r"details)\b.*\b(?:see|read|visit|"
        r"check|refer|consult)\b.*|(?:please |also )*(?:see|refer to|visit|check out|click|take a "
        r"look at|have a look "
        r"at|read|consult|browse) (?:the|our|also|here|this|more|below|\w+(?:'s)? (?:help|docs?|"
        r"page)|"
        r"[\w./-]+ for)\b.*|(?:more|further) (?:information|details|examples) (?:is|are|can "
        r"be)\b.*|"
        r"(?:for|and) (?:more |further )?(?:details|information)\W*|for (?:(?:more|further|"
        r"additional|detailed) (?:information|details)|an? (?:overview|list|description) of)\b"
        r"[^,]*)$"
    ),
    hanging=anywhere(
        r"\b(?:like|such as|including|following|below|as follows|e\.g|for example)\W*$"
    ),
    procedure=anywhere(
        r"\b(?:steps|how to|instructions?|install\w*|set ?up|getting started|quick ?start|"
        r"procedure|"
        r"recipe|workflow|guide|tutorial|proceed)\b"
    ),
    skipped=anywhere(
        r"(?:\d+(?:\.\d+)*\.?\s*)?(?:(?:table of )?contents|references|bibliography|works cited|"
        r"further reading|see also|external links|links|licen[sc]e|licensing|copyright|badges?|"
        r"acknowledge?ments?|credits|thanks|contributors|contributing|sponsors?|authors?|"
        r"maintainers?|change ?log|(?:release|version) (?:notes|history)|footnotes?|code of "
        r"conduct|"
        r"show your support|who(?:'s| is)(?: already)? using .{0,40}|(?:our )?(?:users|adopters|"
        r"backers)|"
        r"citations?|citing|how to cite|contact(?: us)?|donat\w+|disclaimer|"
        r"copyright(?: and|,|/)? ?(?:licen[sc]e|licensing)?)[\s:.]*$"
    ),
    concluding=anywhere(
        r"(?:\d+(?:\.\d+)*\.?\s*)?(?:conclusions?|summary|in short|in summary|takeaways?|key "
        r"takeaways|"
        r"what to remember|wrap(?:ping)?[ -]up|final (?:thoughts|words)|closing|recap|to sum up)\b"
    ),
    question=anywhere(r"(?:how|why|what|when|where|who|which)\b"),
    defining=anywhere(
        r"\b(?:is|are) (?:a|an|the|called|known as|defined as)\b|\brefers? to\b|\bmeans?\b"
    ),
    magnitude=anywhere(r"\s(?:hundred|thousand|million|billion|trillion)\b"),
    units=words(
        "% percent km m cm mm kg g mg t l ml s ms min h kb mb gb tb kib mib gib kw mw gw w v hz "
        "khz mhz ghz °c °f k px dpi fps years year days day hours hour minutes minute seconds "
        "second weeks week months month times metres meters kilometres kilometers miles feet "
        "inches degrees bytes bits tonnes tons liters litres dollars euros pounds "
    ),
    speech=Speech(
        conjunction="and",
        questions="The questions ahead: {topics}.",
        journey="The main stops: {topics}.",
        leads_to="{source} leads to {targets}.",
        begins="First comes {source}.",
        leads_by="From {source}, {label} leads to {target}.",
        next_comes=("Next comes {target}.", "{target_first} follows.", "Then comes {target}."),
        at_last="At the end stands {target}.",
        branch="{label} leads to {target}",
        branch_back="{label} leads back to {target}",
        also="{source_first} leads to {target} too.",
        also_by="From {source}, {label} leads to {target} too.",
        otherwise="otherwise it is {target}",
        back="From {source} the way leads back to {target}.",
        back_by="From {source}, {label} leads back to {target}.",
        turns="{source_first} turns into {target}.",
        turns_by="From {source}, {label} leads to {target}.",
        first_state="The first state is {target}.",
        last_state="{source_first} can be the last state.",
        has_branches="{node} has {count} branches: {twigs}.",
        covers="{node} covers {twigs}.",
        in_year="In {year}",
        tells="{who} tells {whom}: {message}.",
        answers="{who} answers {whom}: {message}.",
        acts="{who} by itself: {message}.",
        joins="The picture shows how {count} parts work together.",
        as_code="The Mermaid diagram in line {line} is shown as code: {why}.",
        moving_on=("Next, {topic}.", "Now to {topic}.", "On to {topic}."),
        keep=("{count} things to keep in mind.", "{count} points to take with you."),
        numbers=("Zero", "One", "Two", "Three", "Four"),
        closing_heading="What to remember",
        step="Step {}",
        list_header=("Item", "In short"),
        step_header=("Step", "What to do"),
        largest="The highest {name} belongs to {label}, at {value}.",
        smallest="The lowest is {label}, at {value}.",
        two="For {name}, {label} stands at {value} and {other} at {low}.",
        gap="Between the two ends lies a factor of {ratio}.",
        against="{high} compared with {low}",
        times="That is {ratio} times as much.",
        increase="The increase is {change}.",
        decrease="The decrease is {change}.",
        about="For {name}, {finding}",
        yes=("yes", "✓", "y", "true"),
        no=("no", "✗", "n", "false"),
        with_it="with {name}",
        without_it="without {name}",
        cell="the {name} is {cell}",
        cells="the {name} are {cell}",
        rise="From {first} to {last}, {name} {rises} from {low} to {high}.",
        fall="From {first} to {last}, {name} {falls} from {high} to {low}.",
        steady="From {first} to {last}, {name} {stays} at {low}.",
        while_counting="As {head} {goes} from {first} to {last}, ",
        rise_then="{name} {rises} from {low} to {high}.",
        fall_then="{name} {falls} from {high} to {low}.",
        steady_then="{name} {stays} at {low}.",
        from_to="from {low} to {high}",
        row="{label}: {cells}.",
        rows_cut="Of {total} rows, {shown} are shown.",
        defines="The code defines {names}.",
        defines_class="The class {names} is at the centre.",
        lines_cut="Of {total} lines of code, {shown} are shown.",
        too_little="The document holds {have} s of narration, less than the {want} s asked for.",
        left_out="To stay near {want} s, {count} of {total} scenes were left out.",
        formula="Written as a formula, {topic} fits on one line.",
    ),
)
