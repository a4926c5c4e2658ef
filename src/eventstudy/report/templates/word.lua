-- Pandoc filter of the Word document; runs before citeproc. Numbers and references are those of report.lua; captions,
-- contents and references become the fields that Word writes itself, each with the value it has now.

local report = dofile("report.lua")

local words = { fig = "Figure", tbl = "Table", eq = "Equation" }
local text_width, text_height = 160, 200 -- mm that a figure may take
local letters = 96 -- of a table's type that stand side by side in a line of the text
local air = 2.4 -- letters that the margins of a cell take
local kept_together = 20 -- lines up to which a table goes to the next page rather than apart
local bookmarks = 100000 -- Pandoc numbers its own from 20 on

local function xml(text)
  text = text:gsub("[\1-\8\11\12\14-\31]", "") -- no XML may hold them
  return (text:gsub("&", "&amp;"):gsub("<", "&lt;"):gsub(">", "&gt;"):gsub('"', "&quot;"))
end
local function raw(text) return pandoc.RawInline("openxml", text) end
local function styled(style, blocks) return pandoc.Div(blocks, pandoc.Attr("", {}, { ["custom-style"] = style })) end
local function run(text) return "<w:r><w:t>" .. xml(text) .. "</w:t></w:r>" end
local function field(code, shown)
  return raw('<w:fldSimple w:instr=" ' .. xml(code) .. ' ">' .. run(shown) .. "</w:fldSimple>")
end
local tab = raw("<w:r><w:tab/></w:r>")

-- The name of a bookmark: at most 40 letters, digits and underscores.
local function bookmark(label)
  local name = "ref_" .. label:gsub("%W", "_")
  return #name <= 40 and name or name:sub(1, 31) .. "_" .. pandoc.utils.sha1(label):sub(1, 8)
end

local function marked(label, inlines)
  bookmarks = bookmarks + 1
  local out = pandoc.Inlines({
    raw(('<w:bookmarkStart w:id="%d" w:name="%s"/>'):format(bookmarks, bookmark(label))),
  })
  out:extend(inlines)
  out:insert(raw(('<w:bookmarkEnd w:id="%d"/>'):format(bookmarks)))
  return out
end

-- Captions -----------------------------------------------------------------------------------------------

local function caption_of(div, caption)
  local word = words[div.identifier:match("^%a+")]
  local number = field("SEQ " .. word .. " \\* ARABIC", div.attributes.number)
  local name = pandoc.Strong(marked(div.identifier, { pandoc.Str(word .. "\u{a0}"), number }))
  caption[1].content:insert(1, pandoc.Space())
  caption[1].content:insert(1, pandoc.Str("."))
  caption[1].content:insert(1, name)
  return caption
end

local function part(div, class)
  for _, b in ipairs(div.content) do
    if b.t == "Div" and b.classes:includes(class) then return b.content end
  end
  return pandoc.Blocks({})
end

local function noted(out, note)
  if #note > 0 then out:insert(styled("Note", note)) end
  return out
end

-- Figures ------------------------------------------------------------------------------------------------

-- Width in mm at which a picture fits the page, from the size its file gives.
local function fitting(picture, inches)
  local handle = assert(io.open(picture, "rb"))
  local wide, tall = (">I4I4"):unpack(handle:read(24), 17)
  handle:close()
  return math.min(inches * 25.4, text_width, text_height * wide / tall)
end

local function figure(div)
  local picture = div.attributes.src:gsub("%.svg$", ".png")
  local width = fitting(picture, tonumber((div.attributes.width:gsub("in$", ""))))
  local image = pandoc.Image(div.attributes.alt, picture, "", { width = ("%.1fmm"):format(width) })
  local caption = div.content:filter(function(b) return b.t ~= "Div" end)
  local out = pandoc.Blocks({
    styled("Figure", { pandoc.Para({ image }) }),
    styled("Caption", caption_of(div, caption)),
  })
  return noted(out, part(div, "note"))
end

-- Tables -------------------------------------------------------------------------------------------------

local function longest(text, pattern)
  local most = 0
  for piece in text:gmatch(pattern) do most = math.max(most, utf8.len(piece) or #piece) end
  return most
end

-- Widths of columns as shares of the text: as wide as what stands in them; where that is too much, the
-- columns with most text give way, down to their longest word.
local function column_widths(tbl)
  local natural, least = {}, {}
  local function look(row, weight)
    for column, cell in ipairs(row.cells) do
      local text = pandoc.utils.stringify(cell.contents)
      natural[column] = math.max(natural[column] or 1, (utf8.len(text) or #text) * weight)
      least[column] = math.max(least[column] or 1, longest(text, "[^ %-]+%-?") * weight)
    end
  end
  for _, row in ipairs(tbl.head.rows) do look(row, 1.1) end -- bold
  for _, body in ipairs(tbl.bodies) do
    for _, row in ipairs(body.body) do look(row, 1) end
  end
  local room = letters - air * #natural
  local wanted, needed = 0, 0
  for column = 1, #natural do
    wanted, needed = wanted + natural[column], needed + least[column]
  end
  local widths = {}
  if wanted <= room then
    widths = natural
  elseif needed >= room then
    for column = 1, #natural do widths[column] = least[column] * room / needed end
  else
    for column = 1, #natural do
      widths[column] = least[column] + (natural[column] - least[column]) * (room - needed) / (wanted - needed)
    end
  end
  for column = 1, #widths do widths[column] = (widths[column] + air) / letters end
  return widths, needed > room
end

-- Every row but the last stays on the page of the next one, if the table is not long.
local function keep_together(tbl, widths)
  local rows = pandoc.List({})
  rows:extend(tbl.head.rows)
  for _, body in ipairs(tbl.bodies) do rows:extend(body.body) end
  local lines = 0
  for _, row in ipairs(rows) do
    local most = 1
    for column, cell in ipairs(row.cells) do
      local text = pandoc.utils.stringify(cell.contents)
      most = math.max(most, math.ceil((utf8.len(text) or #text) / (widths[column] * letters - air)))
    end
    lines = lines + most
  end
  if lines > kept_together then return end
  for place, row in ipairs(rows) do
    if place < #rows then
      for _, cell in ipairs(row.cells) do
        local paragraphs = cell.contents:map(function(b) return b.t == "Plain" and pandoc.Para(b.content) or b end)
        cell.contents = { styled("Kept Cell", paragraphs) }
      end
    end
  end
end

local function tabular(div)
  local tbl = div.content:filter(function(b) return b.t == "Table" end)[1]
  local widths, tight = column_widths(tbl)
  for column, spec in ipairs(tbl.colspecs) do tbl.colspecs[column] = { spec[1], widths[column] } end
  keep_together(tbl, widths)
  tbl.attr.attributes["custom-style"] = tight and "TightTable" or nil
  local out = pandoc.Blocks({ styled("Table Caption", caption_of(div, part(div, "caption"))), tbl })
  local note = part(div, "note")
  if #note == 0 then return out .. { pandoc.RawBlock("openxml", '<w:p><w:pPr><w:pStyle w:val="Note"/></w:pPr></w:p>') } end
  return noted(out, note)
end

-- Equations, headings, references ------------------------------------------------------------------------

-- Brackets as a pair that grows: else the sum before the first one would be the sum of that bracket alone.
local function paired(tex)
  return (tex:gsub("(\\?%a*)(%b())", function(before, group)
    local inner = group:sub(2, -2)
    local _, open = inner:gsub("{", "")
    local _, closed = inner:gsub("}", "")
    if before:match("^\\left") or before:match("^\\[bB]ig") or open ~= closed then return nil end
    return before .. "\\left(" .. paired(inner) .. "\\right)"
  end))
end

local function equation(div)
  local math
  div:walk({ Math = function(m) math = m end })
  math = pandoc.Math("InlineMath", paired(math.text))
  local number = marked(div.identifier, { field("SEQ Equation \\* ARABIC", div.attributes.number) })
  local line = pandoc.Inlines({ tab, math, tab, pandoc.Str("(") })
  line:extend(number)
  line:insert(pandoc.Str(")"))
  return styled("Equation", { pandoc.Para(line) })
end

-- a file printed word for word, in small type
local function listing(div)
  local lines = {}
  for line in (div.content[1].text .. "\n"):gmatch("(.-)\n") do
    table.insert(lines, '<w:r><w:t xml:space="preserve">' .. xml(line) .. "</w:t></w:r>")
  end
  return pandoc.RawBlock("openxml",
    '<w:p><w:pPr><w:pStyle w:val="Listing"/></w:pPr>' .. table.concat(lines, "<w:r><w:br/></w:r>") .. "</w:p>")
end

local function Div(div)
  local kind = div.identifier:match("^(%a+):")
  if kind == "eq" then return equation(div) end
  if kind == "fig" then return figure(div) end
  if kind == "tbl" then return tabular(div) end
  if div.classes:includes("listing") then return listing(div) end
end

local function Header(header)
  local number = header.content[1]
  if not (number and number.t == "Span" and number.classes:includes("section-number")) then return nil end
  header.content[1] = pandoc.Span(marked(header.identifier, { number.content[1] }))
  header.content[2] = pandoc.Str("\u{2002}")
  return header
end

-- "Figure 3" as a field that follows the number of the caption
local function Link(link)
  local label = link.target:match("^#(%a+:.+)$")
  if not label then return nil end
  local word, number = pandoc.utils.stringify(link.content):match("^(%a+)\u{a0}(.+)$")
  if not word then return nil end
  local code = "REF " .. bookmark(label) .. " \\h"
  if words[label:match("^%a+")] and word ~= "Equation" then return field(code, word .. "\u{a0}" .. number) end
  return pandoc.Inlines({ pandoc.Str(word .. "\u{a0}"), field(code, number) })
end

-- Contents -----------------------------------------------------------------------------------------------

-- Word fills the field anew on request; until then it shows the headings of today, without numbers of pages.
local function contents(blocks)
  local lines = pandoc.Blocks({})
  blocks:walk({
    Header = function(header)
      if header.level > 2 then return nil end
      local text = header.content:walk({ RawInline = function() return {} end, Note = function() return {} end })
      lines:insert(styled("TOC " .. header.level, { pandoc.Para({ pandoc.Link(text, "#" .. header.identifier) }) }))
    end,
  })
  if #lines == 0 then return lines end
  local function char(kind) return '<w:r><w:fldChar w:fldCharType="' .. kind .. '"/></w:r>' end
  local begin = char("begin") .. '<w:r><w:instrText xml:space="preserve"> TOC \\o "1-2" \\n \\h \\z \\u </w:instrText></w:r>'
  lines[1].content[1].content:insert(1, raw(begin .. char("separate")))
  lines[#lines].content[1].content:insert(raw(char("end")))
  lines:insert(1, styled("TOC Heading", { pandoc.Para({ pandoc.Str("Contents") }) }))
  return lines
end

local function with_contents(document)
  local lines = contents(document.blocks)
  lines:extend(document.blocks)
  document.blocks = lines
  return document
end

return { report[1], report[2], { Div = Div, Link = Link }, { Header = Header }, { Pandoc = with_contents } }
